import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { forgeSigned, withData } from "./forge.ts";
import { only, outcome, Rig, step } from "./rig.ts";

/* faults 0.8: killed after the first of "all agents that are not healthy", index 0 was another agent by then. */

const preload = fileURLToPath(new URL("preload/crash.mjs", import.meta.url));
const agents = ["a", "b", "c"];

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook("book", book);
  const restarted = new Set<string>();
  rig.server.on("GET /agents", () => ({
    json: agents.filter((name) => !restarted.has(name)).map((name) => ({ name })),
  }));
  for (const name of agents) {
    rig.server.on(`POST /restart/${name}`, () => {
      restarted.add(name);
      return { json: { name } };
    });
  }
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const book = `
service: market
steps:
  - { id: sick, "http.get": "\${service.url}/agents" }
  - id: restart
    foreach: steps.sick.json
    http.post: { url: "\${service.url}/restart/\${item.name}", undo: { method: DELETE, url: "\${service.url}/restart/\${item.name}" } }
    expect: json.name == item.name
`;

const restarts = () => rig.server.changes().map(({ path }) => path.split("/").at(-1));
const resume = (...more: readonly string[]) => rig.run(["resume", "--json", ...more]);

/** Records of a run that nothing kills, each with its number from 1. */
async function numbersOf(type: string): Promise<readonly number[]> {
  expect((await rig.run(["run", "book", "--yes"])).code).toBe(0);
  const numbers = rig.records().flatMap((record, index) => (record.type === type ? [index + 1] : []));
  await rig[Symbol.asyncDispose]();
  return numbers;
}

test("killed after an item, the rest of the list that was agreed to is done, each item once", async () => {
  const [first = 0] = await numbersOf("step.outcome");
  for (const when of [`after ${first}`, `before ${first + 1}`]) {
    rig = await Rig.inside();
    rig.runbook("book", book);
    let healthy: string[] = [];
    rig.server.on("GET /agents", () => ({
      json: agents.filter((one) => !healthy.includes(one)).map((name) => ({ name })),
    }));
    for (const name of agents) rig.server.on(`POST /restart/${name}`, { json: { name } });
    const killed = await rig.run(["run", "book", "--yes"], { preload, env: { CRASH: when } });
    expect([killed.signal, restarts()]).toEqual(["SIGKILL", ["a"]]);
    healthy = ["a"];
    const ended = await resume("--yes");
    expect([ended.code, outcome(ended), restarts()]).toEqual([0, "completed", ["a", "b", "c"]]);
    const undos = readdirSync(dirname(rig.journal())).filter((name) => name.includes("-undo-"));
    expect(undos).toHaveLength(1);
    const undo = readFileSync(join(dirname(rig.journal()), undos[0] ?? ""), "utf8");
    expect([...undo.matchAll(/restart\/(\w)/g)].map(([, name]) => name)).toEqual(["c", "b", "a"]);
    if (when.startsWith("after")) await rig[Symbol.asyncDispose]();
  }
});

test("killed while an item was under way, that one is unknown and none after it begins", async () => {
  rig.server.on("POST /restart/b", "hang");
  const under = rig.server.arrives("POST /restart/b");
  const started = rig.start(["run", "book", "--yes"]);
  await under;
  started.kill("SIGKILL");
  await started.ended;
  const ended = await resume("--yes");
  expect([ended.code, outcome(ended), restarts()]).toEqual([4, "unknown", ["a", "b"]]);
  expect(step(ended, "restart")["message"]).toBe(
    "1 of 3: b: it started before the interruption, and whether it took effect cannot be determined; 1 skipped",
  );
});

test("the resumption asks for what is left of it, and a forged list is shown before anything of it is done", async () => {
  rig.server.on("POST /restart/b", 409);
  expect((await rig.run(["run", "book", "--yes"])).code).toBe(1);
  forgeSigned(rig.journal(), (records) =>
    withData(
      records.filter(({ type }) => type !== "run.finished"),
      "step.list",
      (data) => ({ ...data, items: [{ name: "a" }, { name: "b" }, { name: "everything" }] }),
    ),
  );
  const ended = await resume();
  expect([ended.code, restarts()]).toEqual([3, ["a", "b"]]);
  expect(String(only(ended, "preview")["action"])).toContain("/restart/everything");
});
