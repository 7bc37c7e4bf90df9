/** Several stores, as the program finds their addresses. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.platform(
    "postgres:\n  main: { url: postgres://a@db1:5432/x }\n  replica: { url: postgres://a@db2:5432/x }\n",
  );
  rig.runbook("look", "steps:\n  - sql.query: SELECT 1\n    at: replica\n");
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const dry = ["run", "look", "--dry-run"];

test("a plan says of each store where its address is from", async () => {
  const { code, stdout } = await rig.run(dry);
  expect(code).toBe(0);
  expect(stdout).toContain(
    "\npostgres main db1:5432/x (runbooks/platform.yaml), replica db2:5432/x (runbooks/platform.yaml)\n",
  );
  expect(stdout).toContain("sql.query: SELECT 1 on PostgreSQL at db2:5432/x");
});

test("a store's own variable goes before the file; PGHOST names the main one alone; no password is shown", async () => {
  const env = { DATABASE_URL_REPLICA: "postgres://b:hunter2hunter2@db3/y", PGHOST: "db9", PGPORT: "7777" };
  const { stdout, stderr } = await rig.run(dry, { env });
  expect(stdout).toContain(
    "\npostgres main db9:7777/x (runbooks/platform.yaml), replica db3:5432/y (DATABASE_URL_REPLICA)\n",
  );
  expect(stdout + stderr).not.toContain("hunter2");
});

test("an address that cannot be read is refused by its variable, or its place", async () => {
  const env = { DATABASE_URL_REPLICA: "db3:5432" };
  const wrong = await rig.run(dry, { env });
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("DATABASE_URL_REPLICA ");
  rig.platform("redis:\n  main: { url: redis://a }\n  cache: { url: cache.internal:6380 }\n");
  rig.runbook("look", "steps:\n  - redis.ping:\n    at: cache\n");
  const placed = await rig.run(dry);
  expect(placed.code).toBe(2);
  expect(placed.stderr).toContain("platform.yaml:6:17: redis.cache.url ");
});

test("a step asks the Prometheus that it names, with its login and no other's at the same address, and main where it names none", async () => {
  const { url } = rig.server;
  rig.platform(
    `prometheus:\n  main: { url: "${url}/one" }\n  replica: { url: "${url}/two", login: { user: ops, password: METRICS_PASSWORD } }\n` +
      `  tenant: { url: "${url}/two", login: { user: other, password: METRICS_PASSWORD } }\n`,
  );
  rig.runbook(
    "ask",
    "diagnose:\n  - { id: a, prometheus.query: up, expect: value == 1 }\n" +
      '  - { id: b, needs: [a], foreach: [replica], at: "${item}", prometheus.query: up, expect: value == 2 }\n' +
      "  - { id: c, needs: [b], at: replica, prometheus.alerts: { names: [Down] }, expect: firing.size() == 0 }\n" +
      "  - { id: d, needs: [c], at: tenant, prometheus.query: up, expect: value == 2 }\n",
  );
  const scalar = (value: string) => ({
    status: "success",
    data: { resultType: "scalar", result: [1, value] },
  });
  const rule = { name: "Down", type: "alerting", health: "ok", state: "inactive", alerts: [] };
  rig.server
    .on("GET /one/api/v1/query", { json: scalar("1") })
    .on("GET /two/api/v1/query", { json: scalar("2") })
    .on("GET /two/api/v1/rules", { json: { status: "success", data: { groups: [{ rules: [rule] }] } } });
  const env = { METRICS_PASSWORD: "hunter2hunter2" };
  const { code, stdout, stderr } = await rig.run(["run", "ask"], { env });
  expect([code, stdout + stderr]).toEqual([0, expect.not.stringContaining("hunter2")]);
  const basic = (user: string) => `Basic ${Buffer.from(`${user}:hunter2hunter2`).toString("base64")}`;
  const asked = rig.server.requests.map(({ authorization }) => authorization);
  expect(asked).toEqual([undefined, basic("ops"), basic("ops"), basic("other")]);
  const byHand = await rig.run(["show", "ask", "--by-hand"]);
  const shown = byHand.stdout.split("\n").filter((line) => line.includes("/two/api/v1/query"));
  expect(shown.map((line) => /-u (\w+):/.exec(line)?.[1])).toEqual(["ops", "other"]);
  const dryRun = await rig.run(["run", "ask", "--dry-run"], { env });
  expect(dryRun.stdout).toContain(`\nprometheus main ${url}/one (runbooks/platform.yaml), replica `);
  rig.runbook("other", "diagnose: [{ prometheus.query: up, at: other, expect: value == 1 }]\n");
  const lint = await rig.run(["lint", "runbooks/other.yaml"]);
  expect([lint.code, lint.stderr]).toEqual([
    2,
    expect.stringContaining("this platform has no prometheus called other; it has main, replica"),
  ]);
});
