import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { asIncidentRecord } from "../../src/events/incident-record.ts";
import { policyOf } from "../../src/incident/policy.ts";
import { incidentPlanOf } from "../../src/platform/incident-plan.ts";
import { readPlatform } from "../../src/platform/load.ts";
import { declared } from "./chains.ts";

test.each([
  ["no platform file", incidentPlanOf({}, {})],
  ["the shipped one", shipped()],
])("the rules of %s go into the declaration, and come back as they were", (_what, plan) => {
  const policy = policyOf(plan);
  const data: unknown = JSON.parse(JSON.stringify(declared({ policy })));
  expect(asIncidentRecord("incident.declared", data)?.data).toMatchObject({ policy });
  expect(policy.clocks.map(({ name }) => name)).toContain("answered");
  expect(policy.objectives ?? {}).toEqual(plan.objectives);
  // Nobody's number or address goes into a record.
  expect(JSON.stringify(policy)).not.toMatch(/\+44|@example|secrets/);
});

function shipped() {
  const text = readFileSync(new URL("../../runbooks/platform.yaml", import.meta.url), "utf8");
  const read = readPlatform({ path: "platform.yaml", text }, undefined, {});
  if (!read.ok) throw new Error("it does not read");
  return read.value.incident;
}
