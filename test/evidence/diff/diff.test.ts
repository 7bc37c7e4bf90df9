import { expect, test } from "vitest";
import { comparable, differences, longestCompared } from "../../../src/evidence/diff/diff.ts";
import { jsonLines } from "../../../src/evidence/diff/json-lines.ts";
import { readSnapshot, type ReadSnapshot } from "../../../src/evidence/bundle/read.ts";
import { temporaryFolder } from "../../program.ts";
import { canary, collector, take } from "../bundle/bag.ts";

async function read(lines: string, lag: number, more: readonly string[] = []): Promise<ReadSnapshot> {
  const one = collector("one", ({ file, tell }) => {
    file("a.txt", { kind: "text", keep: "oldest" }).write(lines);
    for (const name of more) file(name, { kind: "text", keep: "oldest" }).write(name);
    tell({ type: "measure", chart: "lag", name: "executioner", value: lag, unit: "messages" });
    if (lag > 5) tell({ type: "missing", what: "a part", why: "it hung" });
  });
  const { sealed } = await take(temporaryFolder(), [{ ...one, cap: 2 * longestCompared }]);
  const result = await readSnapshot(sealed.path, comparable);
  if (!result.ok) throw new Error(result.failure);
  return result.value;
}

test("the same twice: nothing differs", async () => {
  const text = `password: ${canary}\n`;
  expect(differences(await read(text, 1), await read(text, 1))).toEqual([]);
});

test("lines, files, figures and verdicts that are otherwise", async () => {
  const before = await read("one\ntwo\nthree\n", 1, ["gone.txt"]);
  const after = await read("three\none\nfour\n", 9, ["new.txt"]);
  expect(differences(before, after)).toEqual([
    { type: "status", collector: "one", before: "ok", after: "partial" },
    { type: "measure", name: "lag executioner", before: 1, after: 9, unit: "messages" },
    {
      type: "changed",
      path: "data/one/a.txt",
      lines: [
        { sign: "-", text: "two" },
        { sign: "+", text: "four" },
      ],
      more: 0,
    },
    { type: "removed", path: "data/one/gone.txt", bytes: 8 },
    { type: "added", path: "data/one/new.txt", bytes: 7 },
  ]);
});

test("a secret that was changed is seen by its token, and not shown", async () => {
  const found = differences(
    await read("password: canaryOne11\n", 1),
    await read("password: canaryTwo22\n", 1),
  );
  expect(found.map(({ type }) => type)).toEqual(["changed", "secret", "secret"]);
  expect(JSON.stringify(found)).not.toContain("canary");
});

test("a text that is too long to be compared is not held, and is said to differ", async () => {
  const row = "x".repeat(63);
  const most = `${row}\n`.repeat(longestCompared / 64);
  const longer = await read(`${most}a`, 1);
  expect([...longer.texts.keys()]).toEqual([]);
  expect(differences(longer, await read(`${most}b`, 1))).toEqual([
    { type: "changed", path: "data/one/a.txt", lines: [], more: 0 },
  ]);
  expect((await read(most, 1)).texts.get("data/one/a.txt")?.length).toBe(longestCompared);
});

test("of a long list of lines the first are told", async () => {
  const lines = Array.from({ length: 100 }, (_, at) => `line ${at}\n`).join("");
  const [change] = differences(await read(lines, 1), await read("", 1));
  expect(change).toMatchObject({ type: "changed", more: 80 });
  const [both] = differences(await read(lines, 1), await read(lines.replaceAll("line", "row"), 1));
  expect(both).toMatchObject({ type: "changed", more: 180 });
  const signs = both?.type === "changed" ? both.lines.map(({ sign }) => sign).join("") : "";
  expect(signs).toBe("-".repeat(10) + "+".repeat(10));
});

test("of a JSON file the values that are otherwise are told, each with the way to it", async () => {
  const containers = (states: readonly (readonly [string, string])[]): string =>
    `${JSON.stringify(states.map(([name, state]) => ({ Names: [`/${name}`], State: state, Ports: [] })))}\n`;
  const read = async (text: string): Promise<ReadSnapshot> => {
    const { sealed } = await take(temporaryFolder(), [
      collector("docker", ({ file }) =>
        file("containers.json", { kind: "text", keep: "oldest" }).write(text),
      ),
    ]);
    const result = await readSnapshot(sealed.path, () => true);
    if (!result.ok) throw new Error(result.failure);
    return result.value;
  };
  const before = await read(
    containers([
      ["a", "running"],
      ["b", "running"],
      ["c", "running"],
    ]),
  );
  // Another order is no difference.
  const after = await read(
    containers([
      ["b", "exited"],
      ["c", "paused"],
      ["a", "running"],
    ]),
  );
  expect(differences(before, after)).toEqual([
    {
      type: "changed",
      path: "data/docker/containers.json",
      lines: [
        { sign: "-", text: '[/b].State: "running"' },
        { sign: "+", text: '[/b].State: "exited"' },
        { sign: "-", text: '[/c].State: "running"' },
        { sign: "+", text: '[/c].State: "paused"' },
      ],
      more: 0,
    },
  ]);
});

test("what a JSON file holds deeper than anybody reads, and what is none, is compared all the same", () => {
  expect(jsonLines("not JSON")).toBe("not JSON");
  expect(jsonLines('{"a":[1,{"id":2,"b":null}],"c":{}}')).toBe("a[0]: 1\na[1].id: 2\na[1].b: null\nc: {}");
  expect(jsonLines(`${"[".repeat(5000)}${"]".repeat(5000)}`)).toBe(`${"[0]".repeat(40)}: …`);
});

test("a figure that says when it was taken is compared too", async () => {
  const at = (value: number): Promise<ReadSnapshot> => readWith(value);
  expect(differences(await at(3), await at(7))).toEqual([
    { type: "measure", name: "lag group", before: 3, after: 7, unit: "messages" },
  ]);
});

async function readWith(value: number): Promise<ReadSnapshot> {
  const { sealed } = await take(temporaryFolder(), [
    collector("kafka", ({ tell }) =>
      tell({ type: "measure", chart: "lag", name: "group", value, unit: "messages", at: new Date() }),
    ),
  ]);
  const result = await readSnapshot(sealed.path, () => true);
  if (!result.ok) throw new Error(result.failure);
  return result.value;
}
