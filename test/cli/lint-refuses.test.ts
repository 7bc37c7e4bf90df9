/** What a run of these files is certain to refuse, lint refuses, in the same words. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const stores = "postgres: { url: postgres://127.0.0.1:1/x }\n";

test.each([
  [
    "several statements",
    'sql.query: "SELECT 1; SELECT 2"',
    "sql.query: it has several statements, and a step sends one; give each a step of its own",
  ],
  ["a change in a read", 'sql.query: "DELETE FROM a"', /^sql\.query: a read begins with SELECT, .*DELETE/],
  ["a function that acts", 'sql.query: "SELECT pg_reload_conf()"', /pg_reload_conf\(\) acts in spite of/],
  ["a transaction of one's own", "sql.exec: COMMIT", /^sql\.exec: COMMIT is not for a step/],
  [
    "a preview that changes",
    "sql.exec: { sql: DELETE FROM a, preview: { sql: DELETE FROM a } }",
    /^sql\.exec: preview: a read begins/,
  ],
  [
    "a login in a URL",
    "http.get: http://u:secretword@h/",
    "http.get: its URL contains a login, which every plan and journal would show; send it in a header",
  ],
])("%s", async (_what, step, said) => {
  rig.platform(stores).runbook("book", `steps: [{ ${step} }]\n`);
  const [lint, run] = [await rig.run(["lint", "runbooks/book.yaml"]), await rig.run(["run", "book"])];
  for (const { code, stderr } of [lint, run]) {
    const [, message = ""] = /^runbooks\/book\.yaml:\d+:\d+: (.*)$/m.exec(stderr) ?? [];
    expect([code, message]).toEqual([2, typeof said === "string" ? said : expect.stringMatching(said)]);
  }
});

test("statements that wait for the run are left to it", async () => {
  rig
    .platform(stores)
    .runbook("book", 'steps: [{ sql.query: { sql: "SELECT $1", params: ["${run.id}; DELETE"] } }]\n');
  expect((await rig.run(["lint", "runbooks/book.yaml"])).code).toBe(0);
});

test("a runbook that is not called as its file is: nothing finds it by its name", async () => {
  rig.file("runbooks/book.yaml", "runbook: other\nsteps: [{ wait: 1s }]\n");
  const { code, stderr } = await rig.run(["lint", "runbooks/book.yaml"]);
  expect([code, stderr]).toEqual([
    2,
    `runbooks/book.yaml:1:10: the file is called book
  1 | runbook: other
    |          ^^^^^
  Write runbook: book, or call the file other.yaml.
`,
  ]);
});

test("a second person whom the platform does not have is warned of, and refused by the run", async () => {
  rig.runbook("book", "steps: [{ http.post: http://h/, approvers: 2 }]\n");
  const lint = await rig.run(["lint", "runbooks/book.yaml"]);
  const run = await rig.run(["run", "book"]);
  const says = /http_post needs a second person, but \S*runbooks\/platform\.yaml lists no approvers/;
  expect([lint.code, lint.stderr]).toEqual([0, expect.stringMatching(/book\.yaml:2:\d+: warning: /)]);
  expect(run.code).toBe(2);
  for (const { stderr } of [lint, run]) expect(stderr).toMatch(says);
});
