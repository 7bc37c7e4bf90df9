import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { once } from "node:events";
import { connect } from "node:net";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { forbidding } from "../cli/forbidding.ts";
import { runInside } from "../cli/inside.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const preload = new URL("../cli/preload/offline.mjs", import.meta.url).href;
const names = readdirSync(`${root}/runbooks`)
  .filter((name) => name.endsWith(".yaml") && name !== "platform.yaml")
  .map((name) => name.replace(/\.yaml$/, ""));

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

const platform = { LAV_IR_CONFIG: `${root}/runbooks/platform.yaml` };

/** Runs the program where nothing can leave it, on the platform of the shipped example. */
async function offline(...args: readonly string[]): Promise<Ended> {
  return await forbidding("everything", async () => await runInside(args, { cwd: root, env: platform }));
}

/** The same as a process, from its very beginning. */
function process(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ended> {
  const all = ["--import", preload, `${root}/bin/lav-ir.js`, ...args];
  return new Promise((resolve) => {
    execFile(execPath, all, { cwd: root, env: { ...env } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? "killed"), stdout, stderr });
    });
  });
}

describe("every runbook that is shipped", () => {
  it("there is at least the first one", () => {
    expect(names).toContain("market-sentinel-down");
  });

  it.each(names)("%s: its dry run passes without network, files or secrets", async (name) => {
    const { code, stdout, stderr } = await offline("run", name, "--dry-run");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.split("\n")[0]).toContain(`${name}: `);
  });

  it.each(names)("%s: can be read and done by hand", async (name) => {
    expect(await offline("show", name)).toMatchObject({ code: 0, stderr: "" });
    const { stdout } = await offline("show", name, "--by-hand");
    expect(stdout).not.toMatch(/undefined|\[object/);
  });

  it("is without a problem for lint", async () => {
    const { code, stderr } = await offline("lint");
    const said = stderr.split("\n").filter((line) => !line.startsWith(" ") && line !== "");
    // The shipped platform file is an example: who may be a second person is for each platform to say.
    const unapproved =
      /^runbooks\/trading-resume\.yaml:\d+:\d+: warning: reduce_only needs a second person, but /;
    expect([code, said]).toEqual([0, [expect.stringMatching(unapproved)]]);
  });

  it("passes as a process, too", async () => {
    const dry = await process(platform, "run", "market-sentinel-down", "--dry-run");
    expect(dry).toMatchObject({ code: 0, stderr: "" });
  });

  it("what is forbidden here is really stopped", async () => {
    const secret = { ...platform, EMERGENCY_TOKEN: "not-a-real-one" };
    const run = await process(secret, "run", "market-sentinel-down", "--yes");
    expect(run).toMatchObject({ code: 99, stderr: expect.stringContaining("a file written") as string });
    const rehearsed = await process(secret, "run", "market-sentinel-down", "--dry-run", "--live");
    expect(rehearsed).toMatchObject({
      code: 99,
      stderr: expect.stringMatching(/a connection|looked up/) as string,
    });
  });

  it("and inside as well", async () => {
    const env = { ...platform, EMERGENCY_TOKEN: "not-a-real-one" };
    const args = ["run", "market-sentinel-down", "--yes"];
    const run = await forbidding("everything", async () => await runInside(args, { cwd: root, env }));
    expect(run).toMatchObject({ code: 99, stderr: expect.stringContaining("a file written") as string });
    const connected = await forbidding("connections", async () => {
      const [error] = (await once(connect(1, "127.0.0.1"), "error")) as [Error];
      return { code: 0, stderr: error.message };
    });
    expect(connected).toMatchObject({ code: 99, stderr: expect.stringMatching(/^a connection: /) as string });
  });
});
