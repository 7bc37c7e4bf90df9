import { expect, test } from "vitest";
import { ok } from "../../../src/base/result.ts";
import { serviceRecreate } from "../../../src/kinds/service/service-recreate.ts";
import type { Instance, Services, Volume } from "../../../src/ports/ports.ts";
import { args, context, where } from "../context.ts";

// The machine is not the service's alone: which volume that is gone afterwards is one that the recreation lost.

const unnamed = (digit: string): string => digit.repeat(64);

function instance(id: string, volumes: readonly string[]): Instance {
  return {
    id,
    name: "lav-web-1",
    number: 1,
    state: "running",
    health: "none",
    exitCode: undefined,
    oomKilled: false,
    restarts: 0,
    startedAt: new Date(0),
    finishedAt: undefined,
    image: "web",
    volumes,
    hostPorts: [],
    limit: undefined,
  };
}

/** Volumes whose names begin with "other" are not the platform's. */
async function recreate(mounts: readonly string[], before: readonly string[], after: readonly string[]) {
  const there = (names: readonly string[]): Volume[] =>
    names.map((name) => ({ name, isOwn: !name.startsWith("other") }));
  let made = false;
  const services: Services = {
    ...where.services,
    inspect: async () => await Promise.resolve(ok([instance(made ? "new" : "old", mounts)])),
    volumes: async () => await Promise.resolve(ok(there(made ? after : before))),
    recreate: async () => {
      made = true;
      return await Promise.resolve(ok(undefined));
    },
    logs: () => Promise.reject(new Error("none")),
    restart: () => Promise.reject(new Error("none")),
    stop: () => Promise.reject(new Error("none")),
    start: () => Promise.reject(new Error("none")),
    drift: () => Promise.reject(new Error("none")),
    scale: () => Promise.reject(new Error("none")),
  };
  return await serviceRecreate.execute(args(serviceRecreate, { service: "web" }), context({ services }));
}

test.each([
  ["a named one of the platform", ["state"], ["state", "data"], ["state"], "data"],
  ["its own, named", ["state"], ["state"], [], "state"],
  ["another's that it mounts", ["other-shared"], ["other-shared"], [], "other-shared"],
  ["its own, unnamed", [unnamed("a")], [unnamed("a")], [], unnamed("a")],
])("%s that is gone is a lost volume", async (_what, mounts, before, after, lost) => {
  expect(await recreate(mounts, before, after)).toMatchObject({
    ok: false,
    failure: { code: "VOLUME_LOST", message: `VOLUME LOST: ${lost} is gone from the machine` },
  });
});

test.each([
  ["an unnamed one of another's container, which went with it", unnamed("a")],
  ["a named one of another platform on the machine", "other-state"],
])("%s, is none", async (_what, gone) => {
  const before = ["state", gone, unnamed("b")];
  expect(await recreate(["state"], before, ["state", unnamed("b")])).toMatchObject({ ok: true });
});
