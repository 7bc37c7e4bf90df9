import { expect, test } from "vitest";
import { createRedactor } from "../../src/secrets/redactor.ts";
import { fail } from "../../src/base/result.ts";
import { kindsByName } from "../../src/app/wiring/kinds.ts";
import { interlockNames } from "../../src/trading/interlocks.ts";
import { render } from "../../src/language/value.ts";
import { loadSource } from "../../src/runbook/load.ts";
import type { StepPlace } from "../../src/events/run.ts";
import { writeUndo } from "../../src/run/undo.ts";
import type { StepInstance, Running } from "../../src/run/step-types.ts";

/** What is read back from the undo runbook that a change with these arguments leaves. */
async function undone(given: Readonly<Record<string, unknown>>, secrets: Readonly<Record<string, string>>) {
  let written = "";
  const session = {
    run: "run-1",
    secrets,
    redactor: createRedactor(Object.values(secrets)),
    ports: { clock: { now: () => new Date(0) } },
    journal: {
      append: async () => {},
      attach: async (_name: string, text: string) => {
        written = text;
        return await Promise.resolve("undo.yaml");
      },
    },
    sink: () => {},
  };
  const step = { id: "hold", kind: kindsByName.get("http.post") };
  const running = { session, step, plan: { runbook: { id: "sample" } } } as unknown as Running;
  const place: StepPlace = { step: "hold", section: "steps" };
  const instance: StepInstance = { key: "steps/hold", args: given, here: {}, names: {} };
  await writeUndo(running, place, instance, null);
  const locate = async () => await Promise.resolve(fail("there is none"));
  const loaded = await loadSource(
    { path: "undo.yaml", text: written },
    { kinds: kindsByName, interlocks: interlockNames, locate },
  );
  if (!loaded.ok)
    throw new Error(`${JSON.stringify(loaded.failure, ["diagnostics", "message"])}\n${written}`);
  const [read] = loaded.value.steps;
  if (read?.type !== "step") throw new Error("it has no step");
  const values = render(read.args, { secrets });
  if (!values.ok) throw new Error(values.failure.message);
  return { written, values: values.value };
}

const secrets = { EMERGENCY_TOKEN: "c4n4ry-s3cr3t" };

test("what was recorded comes back as it was, templates in it included", async () => {
  const json = { note: "was ${params.regime}", price: "$$" };
  const undo = { method: "PUT", url: "http://h/api/hold", json };
  const { values } = await undone({ url: "http://h/", undo }, {});
  expect(values).toMatchObject({ url: "http://h/api/hold", json });
});

test("a secret that was used is asked for again, by its name", async () => {
  const undo = { method: "DELETE", url: "http://h/api/hold" };
  const { written, values } = await undone(
    { url: "http://h/", token: secrets.EMERGENCY_TOKEN, undo },
    secrets,
  );
  expect(written).not.toContain(secrets.EMERGENCY_TOKEN);
  expect(written).toContain("${secrets.EMERGENCY_TOKEN}");
  expect(values).toMatchObject({ token: secrets.EMERGENCY_TOKEN });
});
