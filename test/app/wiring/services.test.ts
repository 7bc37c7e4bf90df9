import { expect, test } from "vitest";
import { containersAt, containersOf, servicesOf } from "../../../src/app/wiring/services.ts";
import { createProcesses } from "../../../src/drivers/process/process.ts";
import { readPlatform } from "../../../src/platform/load.ts";
import type { Platform } from "../../../src/platform/platform.ts";

function platform(more: string): Platform {
  const text = `platform: lav
services:
  web: { url: http://h:1${more === "" ? "" : ", compose: front"} }
  api: { url: http://h:2, runs: { systemd: adaf-api } }
  provider: { url: http://h:3, runs: none }
${more}`;
  const read = readPlatform({ path: "p.yaml", text }, undefined, {});
  if (!read.ok) throw new Error(JSON.stringify(read.failure));
  return read.value;
}

const compose = "compose: { project: lav, files: [/c.yml] }\n";
const processes = createProcesses({});

test("each service is served by what runs it", async () => {
  const services = servicesOf(platform(compose), processes);
  expect(["web", "api", "provider"].map((name) => services.describe(name))).toEqual([
    "service front of Compose project lav",
    "systemd unit adaf-api.service",
    "service provider",
  ]);
  const never = AbortSignal.abort();
  expect(await services.restart("provider", never)).toMatchObject({
    ok: false,
    failure: {
      type: "argument",
      message: "nothing that the platform file names runs provider",
      effect: "none",
    },
  });
});

test("a name that only the run knows, and that is none, is told with those there are", async () => {
  const said = async (of: Platform): Promise<unknown> => {
    const found = await servicesOf(of, processes).inspect("constructor", AbortSignal.abort());
    return found.ok ? found : found.failure;
  };
  expect(await said(platform(""))).toMatchObject({
    type: "argument",
    message: "no service named constructor; the platform file has web, api, provider",
  });
  expect(await said(platform(compose))).toMatchObject({ type: "argument" });
});

test("without compose there are no containers: none to take, none to find instances in", () => {
  expect(containersOf(platform(""))).toBeUndefined();
  expect(containersAt(platform(""), "web")).toBeUndefined();
  expect(containersOf(platform(compose))?.target).toBe("project lav");
  expect(containersAt(platform(compose), "web")?.labels).toEqual([
    "com.docker.compose.project=lav",
    "com.docker.compose.service=front",
  ]);
  expect(containersAt(platform(compose), "api")).toBeUndefined();
});
