import { expect, test } from "vitest";
import { createHttp } from "../../../src/drivers/http/http.ts";
import { httpService } from "../../../src/evidence/collectors/http.ts";
import { http } from "../../drivers/loopback.ts";
import { findings, gathered, missing } from "./context.ts";

function service(...instances: readonly string[]) {
  const [url = ""] = instances;
  return httpService({ name: "gateway", url, instances, runs: { by: "none" }, health: "/health", api: true });
}

const ports = { http: createHttp() };

test("health with its times and the headers on the list; metrics twice, and what grew a second", async () => {
  let reads = 0;
  await using server = await http((request, response) => {
    response.setHeader("x-internal", "never-to-be-shown");
    response.setHeader("server", "gateway/1");
    if (request.url === "/health") response.end('{"status":"ok"}');
    else
      response.end(
        `# HELP\norders_total{venue="A}B"} ${reads * 1000}\nplain ${5 + reads}\nfalls ${9 - reads++}\nnan NaN\n`,
      );
  });
  const taken = await gathered(service(server.url), ports);
  const health = JSON.parse(taken.files["gateway/1-health.json"] ?? "") as Record<string, unknown>;
  expect(health).toMatchObject({ status: 200, truncated: false, headers: { server: "gateway/1" } });
  expect(Number(health["total_ms"])).toBeGreaterThanOrEqual(Number(health["first_byte_ms"]));
  expect(JSON.stringify(taken.files)).not.toContain("never-to-be-shown");
  const { seconds, per_second: rates } = JSON.parse(taken.files["gateway/1-rates.json"] ?? "") as {
    seconds: number;
    per_second: Record<string, number>;
  };
  expect(Object.keys(rates)).toEqual(['orders_total{venue="A}B"}', "plain"]);
  expect(rates["plain"]).toBeCloseTo(1 / seconds, 3);
  expect(taken.facts.map(({ type }) => type).toSorted()).toEqual(["clock", "measure"]);
});

test("an unhealthy answer is evidence; a body without end is cut, and that is said", async () => {
  await using server = await http((request, response) => {
    response.writeHead(request.url === "/health" ? 503 : 404);
    if (request.url !== "/health") return void response.end();
    const timer = setInterval(() => response.write("x".repeat(200_000)), 1);
    response.on("close", () => clearInterval(timer));
  });
  const taken = await gathered(service(server.url), ports);
  expect(findings(taken)).toEqual(["gateway: health check returned 503"]);
  expect(missing(taken)).toEqual([`the end of ${server.url}/health: only 1048576 bytes are kept`]);
  expect(taken.files["gateway/1-health.txt"]?.length).toBeLessThanOrEqual(1_048_577);
});

test("of two instances the one that does not answer is missing; of none that answers, the service fails", async () => {
  await using server = await http((_request, response) => response.end("ok"));
  const nobody = "http://127.0.0.1:1";
  const half = await gathered(service(server.url, nobody), ports);
  expect([missing(half), half.failure]).toEqual([
    [expect.stringMatching(/^gateway 2: .*connection refused/)],
    undefined,
  ]);
  expect((await gathered(service(nobody, nobody), ports)).failure).toMatchObject({ type: "unreachable" });
});
