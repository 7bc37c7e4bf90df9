/** Units by a strict stand-in of systemctl and journalctl, in the words and formats of systemd 252. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createProcesses } from "../../../src/drivers/process/process.ts";
import { createSystemd } from "../../../src/drivers/systemd/systemd.ts";
import type { Services } from "../../../src/ports/ports.ts";

const forever = new AbortController().signal;
let folder: string;
let services: Services;

/** `systemctl show` prints the file `unit`; `restart`, `stop` and `start` put `changed` in its place, or fails as `refuses` says. */
const systemctl = `#!/bin/sh
cd "$(dirname "$0")" || exit 9
echo "$*" >> asked
case "$*" in
  "show --no-pager --timestamp=us+utc --property=LoadState,ActiveState,SubState,Result,NRestarts,ExecMainCode,ExecMainStatus,ExecMainStartTimestamp,ExecMainExitTimestamp -- adaf-api.service")
    if [ -f deaf ]; then cat deaf >&2; exit 1; fi
    cat unit;;
  "--no-ask-password restart -- adaf-api.service"|"--no-ask-password stop -- adaf-api.service"|"--no-ask-password start -- adaf-api.service")
    if [ -f changed ]; then mv changed unit; fi
    if [ -f refuses ]; then cat refuses >&2; exit 1; fi;;
  *) echo "Unknown command verb $*." >&2; exit 1;;
esac
`;
const journalctl = `#!/bin/sh
cd "$(dirname "$0")" || exit 9
echo "$*" >> asked
case "$*" in
  "--no-pager --quiet --output=json --output-fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT --unit=adaf-api.service --lines="*) cat journal;;
  *) echo "journalctl: unrecognized option" >&2; exit 1;;
esac
`;

const shown = (fields: Readonly<Record<string, string>>): string =>
  Object.entries({
    LoadState: "loaded",
    ActiveState: "active",
    SubState: "running",
    Result: "success",
    NRestarts: "0",
    ExecMainCode: "0",
    ExecMainStatus: "0",
    ExecMainStartTimestamp: "Mon 2026-11-30 16:33:15.123456 UTC",
    ExecMainExitTimestamp: "",
    ...fields,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");

function file(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lav-ir-systemd-"));
  for (const [name, text] of Object.entries({ systemctl, journalctl })) {
    file(name, text);
    chmodSync(join(folder, name), 0o755);
  }
  file("unit", shown({}));
  services = createSystemd(
    { api: "adaf-api.service" },
    createProcesses({ PATH: `${folder}:${process.env["PATH"]}` }),
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a unit is one instance", () => {
  const ended = {
    ActiveState: "failed",
    SubState: "failed",
    ExecMainExitTimestamp: "Mon 2026-11-30 16:40:00.000001 UTC",
  };
  const began = new Date("2026-11-30T16:33:15.123Z");
  test.each([
    [
      "that runs",
      {},
      { state: "running", exitCode: undefined, startedAt: began, restarts: 0, oomKilled: false },
    ],
    ["that systemd started again", { NRestarts: "3" }, { state: "running", restarts: 3 }],
    [
      "that is started again now",
      { ActiveState: "activating", SubState: "auto-restart" },
      { state: "restarting" },
    ],
    [
      "that is asked to stop and has not yet",
      { ActiveState: "deactivating", SubState: "stop-sigterm" },
      { state: "running", exitCode: undefined, startedAt: began },
    ],
    [
      "that ended by itself",
      { ...ended, ExecMainCode: "1", ExecMainStatus: "3" },
      { state: "exited", exitCode: 3, finishedAt: new Date("2026-11-30T16:40:00.000Z") },
    ],
    [
      "that the kernel killed for its memory",
      { ...ended, Result: "oom-kill", ExecMainCode: "2", ExecMainStatus: "9" },
      { state: "exited", exitCode: 137, oomKilled: true },
    ],
    [
      "that never ran",
      { ActiveState: "inactive", SubState: "dead", ExecMainStartTimestamp: "" },
      { state: "created", exitCode: undefined, startedAt: undefined },
    ],
    ["that is over, and active still", { SubState: "exited" }, { state: "exited" }],
  ])("%s", async (_what, fields, expected) => {
    file("unit", shown(fields));
    const found = await services.inspect("api", forever);
    expect(found).toMatchObject({
      ok: true,
      value: [{ id: "adaf-api.service", name: "adaf-api.service", number: 1, ...expected }],
    });
  });

  test("that is not there is none; what systemd cannot say is not taken for that", async () => {
    file("unit", shown({ LoadState: "not-found", ActiveState: "inactive" }));
    expect(await services.inspect("api", forever)).toEqual({ ok: true, value: [] });
    file("unit", "nonsense\n");
    expect(await services.inspect("api", forever)).toMatchObject({
      ok: false,
      failure: { type: "unreadable" },
    });
    file("deaf", "System has not been booted with systemd as init system (PID 1). Can't operate.\n");
    expect(await services.inspect("api", forever)).toMatchObject({
      ok: false,
      failure: { type: "unreachable", target: "systemd" },
    });
    rmSync(join(folder, "systemctl"));
    const without = createSystemd({ api: "adaf-api.service" }, createProcesses({ PATH: folder }));
    expect(await without.inspect("api", forever)).toMatchObject({
      ok: false,
      failure: { type: "unreachable", target: "systemd", cause: "absent" },
    });
  });
});

describe("a restart", () => {
  test("is done when the unit has a new start", async () => {
    file("changed", shown({ ExecMainStartTimestamp: "Mon 2026-11-30 16:33:15.124456 UTC" }));
    expect(await services.restart("api", forever)).toEqual({ ok: true, value: undefined });
  });

  test("that systemctl reports and the unit does not show is not believed", async () => {
    expect(await services.restart("api", forever)).toMatchObject({
      ok: false,
      failure: {
        type: "rejected",
        message: "adaf-api.service did not restart: its start time is unchanged",
        effect: "unknown",
      },
    });
  });

  test("that is not allowed had no effect", async () => {
    file("refuses", "Failed to restart adaf-api.service: Interactive authentication required.\n");
    expect(await services.restart("api", forever)).toMatchObject({
      ok: false,
      failure: { type: "denied", target: "systemd unit adaf-api.service", effect: "none" },
    });
  });

  test("whose start failed has an effect that is unknown", async () => {
    file(
      "changed",
      shown({ ActiveState: "failed", ExecMainStartTimestamp: "Mon 2026-11-30 16:34:00.000000 UTC" }),
    );
    file("refuses", "Job for adaf-api.service failed.\n");
    expect(await services.restart("api", forever)).toMatchObject({
      ok: false,
      failure: { type: "exit", code: 1, effect: "unknown" },
    });
  });

  test("of a unit that is not there is missing, and nothing is asked for", async () => {
    file("unit", shown({ LoadState: "not-found", ActiveState: "inactive" }));
    expect(await services.restart("api", forever)).toMatchObject({
      ok: false,
      failure: { type: "missing", effect: "none" },
    });
    expect(readFileSync(join(folder, "asked"), "utf8")).not.toContain("restart --");
  });
});

describe("a stop, and a start", () => {
  const dead = { ActiveState: "inactive", SubState: "dead" };
  const asked = (): string => readFileSync(join(folder, "asked"), "utf8");

  test("stops a unit that runs, and starts one that does not", async () => {
    file("changed", shown(dead));
    expect(await services.stop({ service: "api" }, forever)).toEqual({ ok: true, value: undefined });
    file("changed", shown({ ExecMainStartTimestamp: "Mon 2026-11-30 16:50:00.000000 UTC" }));
    expect(await services.start({ service: "api" }, forever)).toEqual({ ok: true, value: undefined });
    expect(asked()).toMatch(/stop -- adaf-api[^]*start -- adaf-api/);
  });

  test("does not ask for what is so already, nor for another unit", async () => {
    expect(await services.start({ service: "api" }, forever)).toEqual({ ok: true, value: undefined });
    expect(await services.stop({ service: "api", only: ["other.service"] }, forever)).toEqual({
      ok: true,
      value: undefined,
    });
    file("unit", shown(dead));
    expect(await services.stop({ service: "api" }, forever)).toEqual({ ok: true, value: undefined });
    expect(asked()).not.toMatch(/(?:stop|start) --/);
  });

  test("that systemctl reports and the unit does not show is not believed", async () => {
    expect(await services.stop({ service: "api" }, forever)).toMatchObject({
      ok: false,
      failure: { message: "adaf-api.service is running although systemd stopped it", effect: "unknown" },
    });
  });

  test("that is refused had no effect where the unit is as before", async () => {
    file("refuses", "Failed to stop adaf-api.service: Access denied\n");
    expect(await services.stop({ service: "api" }, forever)).toMatchObject({
      failure: { type: "denied", effect: "none" },
    });
    file("refuses", "Job for adaf-api.service failed.\n");
    file("changed", shown(dead));
    expect(await services.stop({ service: "api" }, forever)).toMatchObject({
      failure: { type: "exit", effect: "unknown" },
    });
  });
});

test("nothing is made or removed: a unit has no instances", async () => {
  for (const refused of [
    await services.recreate("api", forever),
    await services.scale("api", 2, forever),
    await services.drift({ do: "recreate", service: "api" }, forever),
  ]) {
    expect(refused).toMatchObject({ ok: false, failure: { code: "NO_INSTANCES", effect: "none" } });
  }
});

test("its log is the journal's newest lines; one that is cut or none is left out", async () => {
  const line = (entry: object): string => JSON.stringify({ _SYSTEMD_UNIT: "adaf-api.service", ...entry });
  file(
    "journal",
    [
      'RITY":"6"}',
      line({ MESSAGE: "started", PRIORITY: "6", __REALTIME_TIMESTAMP: "1764520395123456" }),
      line({ MESSAGE: [79, 75, 255], PRIORITY: "6", __REALTIME_TIMESTAMP: "1764520395123456" }),
      line({ MESSAGE: "ERROR no database", PRIORITY: "3", __REALTIME_TIMESTAMP: "1764520396000000" }),
      "",
    ].join("\n"),
  );
  const since = new Date(1_764_520_000_500);
  const read = await services.logs("api", { tail: 200, since, maxBytes: 1024 }, forever);
  expect(read).toEqual({
    ok: true,
    value: {
      truncated: false,
      lines: [
        {
          instance: "adaf-api.service",
          stream: "stdout",
          time: new Date(1_764_520_395_123.456),
          text: "started",
        },
        {
          instance: "adaf-api.service",
          stream: "stdout",
          time: new Date(1_764_520_395_123.456),
          text: "OK\uFFFD",
        },
        {
          instance: "adaf-api.service",
          stream: "stderr",
          time: new Date(1_764_520_396_000),
          text: "ERROR no database",
        },
      ],
    },
  });
  expect(readFileSync(join(folder, "asked"), "utf8")).toContain("--lines=200 --since=@1764520000.5");
  const least = await services.logs("api", { tail: 1, maxBytes: 17 }, forever);
  expect(least).toMatchObject({
    ok: true,
    value: { truncated: true, lines: [{ text: "ERROR no database" }] },
  });
});

test("by hand it is systemd's own programs", () => {
  const action = { service: "api", tail: 20, replicas: 1 };
  expect([
    services.describe("api"),
    services.byHand({ do: "inspect", ...action }),
    services.byHand({ do: "logs", ...action }),
    services.byHand({ do: "logs", ...action, since: 95_400_000 }),
    services.byHand({ do: "restart", ...action }),
  ]).toEqual([
    "systemd unit adaf-api.service",
    ["systemctl", "status", "adaf-api.service"],
    ["journalctl", "--unit=adaf-api.service", "--lines=20"],
    ["journalctl", "--unit=adaf-api.service", "--lines=20", "--since=-1d2h30m"],
    ["systemctl", "restart", "adaf-api.service"],
  ]);
});
