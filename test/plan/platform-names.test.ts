/** faults 0.5: a name that the platform file lacks is refused before anything runs, at its place. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { planned, plannedText } from "./planned.ts";

/** The first line of each problem, without the file. */
async function said(text: string, given: Readonly<Record<string, unknown>> = {}): Promise<readonly string[]> {
  const made = await plannedText(`runbook: r\n${text}`, given);
  return made.ok
    ? []
    : made.failure.map((one) => (diagnosticText(one).split("\n")[0] ?? "").replace("r.yaml:", ""));
}

const missing = "/lav/platform.yaml has no service gatewayy (did you mean gateway?)";

describe("faults 0.5: a service that there is not, named", () => {
  test.each([
    ["in the header", "service: gatewayy\nsteps:\n  - redis.ping:\n", "2:10"],
    ["by service.inspect", "diagnose:\n  - service.inspect: gatewayy\n", "3:22"],
    ["by service.restart", "steps:\n  - service.restart: gatewayy\n", "3:22"],
    ["by service.recreate", "steps:\n  - service.recreate: { service: gatewayy }\n", "3:34"],
    ["by service.scale", "steps:\n  - service.scale: { service: gatewayy, replicas: 2 }\n", "3:31"],
    ["by service.logs", "diagnose:\n  - service.logs: { service: gatewayy }\n", "3:30"],
    ["in brackets", 'steps:\n  - http.get: ${platform.services["gatewayy"].url}/x\n', "3:17"],
    ["in quotes of the other kind", "steps:\n  - http.get: ${platform.services['gatewayy'].url}/x\n", "3:17"],
    ["with all in brackets", 'steps:\n  - http.get: ${platform["services"]["gatewayy"]["url"]}\n', "3:17"],
    ["with a dot", "steps:\n  - http.get: ${platform.services.gatewayy.url}/x\n", "3:17"],
    ["in a when", "steps:\n  - when: platform.services.gatewayy.api\n    redis.ping:\n", "3:11"],
    [
      "in an expect",
      "steps:\n  - http.get: http://h/\n    expect: json.url == platform.services.gatewayy.url\n",
      "4:25",
    ],
    [
      "in a finding",
      "diagnose:\n  - redis.ping:\n    finding: at ${platform.services.gatewayy.url}\n",
      "4:19",
    ],
    ["in a save", "steps:\n  - redis.ping:\n    save: { at: platform.services.gatewayy.url }\n", "4:17"],
    [
      "in a header of a request",
      "steps:\n  - http.get: { url: http://h/, headers: { x: '${platform.services.gatewayy.url}' } }\n",
      "3:50",
    ],
    [
      "in a rung's when",
      "diagnose:\n  - redis.ping:\nresolve:\n  - rung: a\n    when: platform.services.gatewayy.api\n    steps:\n      - service.restart: gateway\n",
      "6:11",
    ],
    [
      "in a verify",
      "diagnose:\n  - redis.ping:\nresolve:\n  - rung: a\n    steps:\n      - service.restart: gateway\n    verify:\n      - service.inspect: gatewayy\n",
      "9:26",
    ],
    [
      "in a list that is known",
      'steps:\n  - foreach: \'["gateway", "gatewayy"]\'\n    service.inspect: ${item}\n',
      "4:22",
    ],
    [
      "in a list that is known, behind a key",
      "steps:\n  - foreach: '[\"gatewayy\"]'\n    http.get: ${platform.services[item].url}/x\n",
      "4:35",
    ],
    [
      "in a list that is written out",
      "steps:\n  - foreach: [gateway, gatewayy]\n    service.inspect: ${item}\n",
      "4:22",
    ],
    ["by a constant expression", 'steps:\n  - service.inspect: ${"gateway" + "y"}\n', "3:22"],
  ])("%s", async (_where, text, place) => {
    expect(await said(text)).toEqual([`${place}: ${missing}`]);
  });

  test("by a parameter's value or its default, and not by one that has none yet", async () => {
    const direct = "params:\n  which: { type: string }\nsteps:\n  - service.inspect: ${params.which}\n";
    expect(await said(direct, { which: "gatewayy" })).toEqual([`5:22: ${missing}`]);
    const key =
      "params:\n  which: { type: string, default: gatewayy }\nsteps:\n  - http.get: ${platform.services[params.which].url}/\n";
    expect(await said(key)).toEqual([`5:35: ${missing}`]);
    expect(await said(key, { which: "gateway" })).toEqual([]);
  });

  test("a field that no service has", async () => {
    expect(await said("steps:\n  - http.get: ${platform.services.gateway.urll}\n")).toEqual([
      "3:17: the service gateway has no urll (did you mean url?); it has name, url, instances, api, health",
    ]);
  });

  test("in what is included: in that file, at its place, by the parameters it is given", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lav-ir-names-"));
    try {
      const inner = join(folder, "inner.yaml");
      const params = "params:\n  which: { type: string, default: gateway }\n";
      writeFileSync(
        inner,
        `runbook: inner\n${params}diagnose:\n  - service.inspect: \${params.which}\n  - service.inspect: nosuch\n`,
      );
      const outer = join(folder, "outer.yaml");
      writeFileSync(
        outer,
        "runbook: outer\ndiagnose:\n  - id: g\n    include: inner\n    with: { which: gatewayy }\n",
      );
      const made = await planned(outer);
      const lines = made.ok ? [] : made.failure.map((one) => diagnosticText(one).split("\n")[0]);
      expect(lines).toEqual([
        `${inner}:5:22: ${missing}`,
        `${inner}:6:22: /lav/platform.yaml has no service nosuch`,
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("a service that its runner cannot serve", () => {
  const nobody =
    "nothing that /lav/platform.yaml names runs provider, so it can be neither looked at nor changed";
  const unit = "desk is the systemd unit adaf-desk.service, which has no instances to make or to remove";
  test.each([
    ["nothing runs it, and it is looked at", "diagnose:\n  - service.inspect: provider\n", `3:22: ${nobody}`],
    [
      "nothing runs it, and it is restarted",
      "steps:\n  - foreach: [gateway, provider]\n    service.restart: ${item}\n",
      `4:22: ${nobody}`,
    ],
    ["a unit is recreated", "steps:\n  - service.recreate: desk\n", `3:23: ${unit}`],
    ["a unit is scaled", "steps:\n  - service.scale: { service: desk, replicas: 2 }\n", `3:31: ${unit}`],
  ])("%s", async (_what, text, expected) => {
    expect(await said(text)).toEqual([expected]);
  });

  test("nothing is said of what it can: its address, a look, a log, a restart", async () => {
    const text = `service: provider
diagnose:
  - http.get: \${service.url}/
  - http.get: \${platform.services.provider.url}/
  - service.inspect: desk
  - service.logs: { service: desk }
steps:
  - service.restart: desk
`;
    expect(await said(text)).toEqual([]);
  });
});

describe("faults 0.5: nothing is said", () => {
  test.each([
    [
      "of a service that there is",
      'steps:\n  - http.get: ${platform.services["risk-warden"].instances[0]}/x\n',
    ],
    [
      "where the author asks",
      "steps:\n  - when: has(platform.services.cache) && platform.services.cache.api\n    redis.ping:\n",
    ],
    [
      "of a name that only the run knows",
      'steps:\n  - { id: a, http.get: "http://h/" }\n  - service.inspect: ${steps.a.json.name}\n',
    ],
    [
      "of a name inside a text",
      'steps:\n  - when: \'"platform.services.gatewayy" != ""\'\n    redis.ping:\n',
    ],
    [
      "of a macro's own variable",
      'steps:\n  - when: \'[{"services": {"x": 1}}].exists(platform, platform.services.x == 1)\'\n    redis.ping:\n',
    ],
  ])("%s", async (_what, text) => {
    expect(await said(text)).toEqual([]);
  });
});
