/** faults 2: what an expectation cannot be judged by is unknown, and its reason is said. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => void (rig = await Rig.inside()));
afterAll(async () => await rig[Symbol.asyncDispose]());

const look = async (text: string, expectation: string): Promise<readonly [number | null, string]> => {
  rig.server.on("GET /x", { text });
  rig.runbook(
    "look",
    `diagnose: [{ id: x, title: The total, http.get: "${rig.server.url}/x", expect: "${expectation}" }]\n`,
  );
  const { code, stderr } = await rig.run(["run", "look"]);
  return [code, stderr];
};

test.each(["json.total < 5", "!(json.total > 5)", "json.other == 3", "json != null"])(
  "a key twice in a reply makes %s unknown",
  async (expectation) => {
    const [code, stderr] = await look('{"total": 1, "total": 9, "other": 3}', expectation);
    expect(code).toBe(4);
    expect(stderr).toContain(
      'the key "total" is there twice in its JSON, with different values (line 1, column 15)',
    );
  },
);

test("and so is told a text that reads it", async () => {
  const [code, stderr] = await look('[{"total": 1, "total": 9}]', "body.json()[0].total < 5");
  expect(code).toBe(4);
  expect(stderr).toContain('the key "total" is there twice');
});
