/** Units of a live systemd, by its own systemctl and journalctl. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProcesses } from "../../../src/drivers/process/process.ts";
import { createSystemd } from "../../../src/drivers/systemd/systemd.ts";
import type { Instance, Services } from "../../../src/ports/ports.ts";
import { Manager } from "./manager.ts";

const forever = new AbortController().signal;
const done = { ok: true, value: undefined };
const service = (...lines: readonly string[]): string => ["[Service]", ...lines, ""].join("\n");
/** Says over a FIFO when it was asked to end, and does not. */
const stubborn = "trap 'echo asked > /rig/asked' TERM; echo up > /rig/up; while :; do sleep 0.1; done";

let manager: Manager;
let services: Services;
beforeAll(async () => {
  manager = await Manager.start({
    "api.service": service(
      "ExecStart=/bin/sh -c 'echo serving; echo \"<3>trouble\"; exec sleep infinity'",
      "StandardError=journal",
    ),
    "slow.service": service(`ExecStart=/bin/bash -c "${stubborn}"`, "TimeoutStopSec=infinity"),
    "fails.service": service("Type=oneshot", "ExecStart=/bin/sh -c 'exit 3'"),
    "again.service": service(
      "Type=oneshot",
      "ExecStart=/bin/sh -c 'exit 4'",
      "Restart=on-failure",
      "RestartSec=1h",
    ),
  });
  manager.mask("masked.service");
  services = createSystemd(
    { api: "api.service", nothing: "no-such-unit.service" },
    createProcesses({ PATH: `${manager.bin}:/usr/sbin:/usr/bin:/sbin:/bin` }),
  );
});
afterAll(async () => await manager[Symbol.asyncDispose]());

async function look(name: string): Promise<Instance | undefined> {
  const found = await services.inspect(name, forever);
  if (!found.ok) throw new Error(JSON.stringify(found.failure));
  return found.value[0];
}

test("a unit that runs is restarted, stopped and started; what is so already is done", async () => {
  const first = await look("api");
  expect(first).toMatchObject({ id: "api.service", state: "running", exitCode: undefined, restarts: 0 });

  expect(await services.restart("api", forever)).toEqual(done);
  const second = await look("api");
  expect(second?.state).toBe("running");
  expect(second?.startedAt?.getTime()).toBeGreaterThan(first?.startedAt?.getTime() ?? Infinity);

  for (const _twice of [1, 2]) expect(await services.stop({ service: "api" }, forever)).toEqual(done);
  const third = await look("api");
  expect(third).toMatchObject({ state: "exited", exitCode: 143 });
  expect(third?.finishedAt?.getTime()).toBeGreaterThanOrEqual(second?.startedAt?.getTime() ?? Infinity);

  for (const _twice of [1, 2]) expect(await services.start({ service: "api" }, forever)).toEqual(done);
  expect((await look("api"))?.state).toBe("running");
});

test("its journal is read, with what it says of errors", async () => {
  const read = await services.logs("api", { tail: 1000, maxBytes: 65_536 }, forever);
  if (!read.ok) throw new Error(JSON.stringify(read.failure));
  const said = read.value.lines.map(({ stream, text }) => `${stream}: ${text}`);
  expect(said).toEqual(expect.arrayContaining(["stdout: serving", "stderr: trouble"]));
  expect(read.value.lines.every(({ time }) => time instanceof Date)).toBe(true);
});

describe("a unit that does not run", () => {
  test("because it fails: its exit code, and that it may have taken effect", async () => {
    const started = await services.start({ service: "fails.service" }, forever);
    expect(started).toMatchObject({ ok: false, failure: { type: "exit", code: 1 } });
    manager.systemctl("reset-failed", "fails.service");
  });
  test("and is tried again later is restarting", async () => {
    const started = await services.start({ service: "again.service" }, forever);
    expect(started).toMatchObject({ ok: false, failure: { type: "exit", effect: "unknown" } });
    expect(await look("again.service")).toMatchObject({ state: "restarting", exitCode: 4 });
    expect(await services.stop({ service: "again.service" }, forever)).toEqual(done);
  });
  test("because there is none", async () => {
    expect(await services.inspect("nothing", forever)).toEqual({ ok: true, value: [] });
    const failure = { type: "missing", effect: "none" };
    expect(await services.restart("nothing", forever)).toMatchObject({ ok: false, failure });
  });
  test("because it is masked: systemd's own words, and no effect", async () => {
    const failure = { type: "exit", effect: "none", stderr: expect.stringContaining("is masked") as string };
    expect(await services.start({ service: "masked.service" }, forever)).toMatchObject({
      ok: false,
      failure,
    });
  });
});

test("one that takes its time to stop still runs, and whether it stops is unknown", async () => {
  for (const name of ["up", "asked"]) manager.fifo(name);
  const up = manager.hears("up");
  expect(await services.start({ service: "slow.service" }, forever)).toEqual(done);
  await up;
  const deadline = new AbortController();
  const asked = manager.hears("asked");
  const stopped = services.stop({ service: "slow.service" }, deadline.signal);
  await asked;
  expect((await look("slow.service"))?.state).toBe("running");
  deadline.abort();
  expect(await stopped).toMatchObject({ ok: false, failure: { type: "timeout", effect: "unknown" } });
  manager.systemctl("kill", "--signal=SIGKILL", "slow.service");
});
