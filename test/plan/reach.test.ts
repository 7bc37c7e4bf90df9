/** Which servers a plan may speak to: what it says of one too few would go without its password. */
import { expect, test } from "vitest";
import { reachOf, type Server } from "../../src/plan/reach.ts";
import { plannedText } from "./planned.ts";

const servers: readonly Server[] = [
  ["postgres", "main"],
  ["postgres", "replica"],
  ["kafka", "main"],
  ["redis", "blue"],
  ["redis", "green"],
  ["prometheus", "main"],
  ["prometheus", "replica"],
  ["services", "gateway"],
  ["services", "executioner"],
];
const all = servers.map((server) => server.join(" "));

async function reached(text: string): Promise<readonly string[]> {
  const made = await plannedText(`runbook: r\n${text}`, {}, "several");
  if (!made.ok) throw new Error(made.failure.map(({ message }) => message).join("\n"));
  const reach = reachOf(made.value);
  return servers.filter((server) => reach(...server)).map((server) => server.join(" "));
}

const looks = "diagnose:\n  - ";
test.each<readonly [string, string, readonly string[]]>([
  ["the main store, where a step names none", `${looks}sql.query: SELECT 1\n`, ["postgres main"]],
  ["the one it names", `${looks}{ sql.query: SELECT 1, at: replica }\n`, ["postgres replica"]],
  [
    "each of a list",
    `${looks}{ foreach: [blue, green], redis.ping: {}, at: "\${item}" }\n`,
    ["redis blue", "redis green"],
  ],
  ["the service at an address", `${looks}http.get: http://localhost:3000/health\n`, ["services gateway"]],
  [
    "one instance's, with what only the run knows behind it",
    `params: { a: { default: x } }\n${looks}http.get: http://LOCALHOST:3013/x?\${params.a}\n`,
    ["services executioner"],
  ],
  ["none, at an address of somebody else", `${looks}http.get: https://example.com/\n`, []],
  ["the server of a port", `${looks}tls.certificate: prom-2:9090\n`, ["prometheus replica"]],
  [
    "any, where only the run knows the address",
    `${looks}{ id: a, sql.query: SELECT 1 }\n  - { needs: a, http.get: "\${steps.a.rows[0].url}/x", expect: status == 200 }\n`,
    all,
  ],
  [
    "the one of a path that only the run knows",
    `${looks}{ id: a, sql.query: SELECT 1 }\n  - { needs: a, http.get: "http://localhost:3000/\${steps.a.rows[0].id}", expect: status == 200 }\n`,
    ["postgres main", "services gateway"],
  ],
  ["what a change destroys of a service", "steps:\n  - service.restart: gateway\n", ["services gateway"]],
  ["any, for a snapshot", "steps:\n  - snapshot.take: 5m\n", all],
  ["any, for trading", `${looks}trading.status:\n`, all],
  [
    "any, behind an interlock",
    "steps:\n  - { wait: 1s }\n  - { service.restart: gateway, requires: [trading-halted] }\n",
    all,
  ],
  ["none, for programs", `${looks}exec.read: [df, -h]\n`, []],
])("%s", async (_what, text, expected) => {
  expect(await reached(text)).toEqual(expected);
});
