import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook(
    "api-5xx",
    "title: Errors of the API\nalerts: [api_5xx_rate_high, api_down]\nsteps: [{ wait: 1s }]\n",
  );
  rig.runbook(
    "lag",
    "title: Lag\nalerts:\n  - worker_lag\n  # answered here too\n  - api_down\nsteps: [{ wait: 1s }]\n",
  );
  rig.runbook("other", "title: Nothing\nsteps: [{ wait: 1s }]\n");
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const names = (stdout: string): readonly string[] =>
  stdout.split("\n").flatMap((line) => (line === "" ? [] : [line.split(" ")[0] ?? ""]));

describe("list --alert", () => {
  test.each([
    ["api_5xx_rate_high", ["api-5xx"]],
    ["worker_lag", ["lag"]],
    ["api_down", ["api-5xx", "lag"]],
  ])("%s", async (alert, found) => {
    const { code, stdout } = await rig.run(["list", "--alert", alert]);
    expect([code, names(stdout).filter((name) => found.includes(name))]).toEqual([0, found]);
    expect(names(stdout)).not.toContain("other");
  });

  test("an alert that none answers is said, with the nearest: exit 1", async () => {
    const { code, stdout, stderr } = await rig.run(["list", "--alert", "worker_lags"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(
      "no runbook answers the alert worker_lags (did you mean worker_lag?); looked in ",
    );
  });

  test("one with a mistake in a step is found; one that is no YAML is listed, and answers nothing", async () => {
    rig.runbook("broken", "title: Broken\nalerts: [api_down]\nsteps: [{ wiat: 1s }]\n");
    rig.runbook("garbage", "title: [\n");
    expect(names((await rig.run(["list", "--alert", "api_down"])).stdout)).toEqual([
      "api-5xx",
      "broken",
      "garbage",
      "lag",
    ]);
    const { code, stdout } = await rig.run(["list", "--alert", "nothing_like_it"]);
    expect([code, names(stdout)]).toEqual([1, ["garbage"]]);
  });

  test("--json has the alerts of each", async () => {
    const { lines } = await rig.run(["list", "--alert", "worker_lag", "--json"]);
    expect(lines).toContainEqual(
      expect.objectContaining({ type: "runbook", runbook: "lag", alerts: ["worker_lag", "api_down"] }),
    );
  });
});

describe("show", () => {
  test("says who keeps it, since when it was read, and where else to look", async () => {
    rig.runbook(
      "kept",
      "title: Kept\nowner: trading platform team\nlinks: [https://grafana.example/d/1]\nalerts: [api_down]\nreviewed: 2026-11-30\nsteps: [{ wait: 1s }]\n",
    );
    const { stdout } = await rig.run(["show", "kept"]);
    expect(stdout).toMatch(
      /alerts\n {2}api_down\n\nlinks\n {2}https:\/\/grafana\.example\/d\/1\n\nkept by\n {2}trading platform team\n {2}last reviewed 2026-11-30/,
    );
  });

  test.each(["yesterday", "2026-13-01", "2026-11-30T00:00:00Z"])("%s is no day", async (day) => {
    rig.runbook("kept", `title: Kept\nreviewed: "${day}"\nsteps: [{ wait: 1s }]\n`);
    const { code, stderr } = await rig.run(["show", "kept"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("reviewed must be a day such as 2026-11-30")]);
  });
});
