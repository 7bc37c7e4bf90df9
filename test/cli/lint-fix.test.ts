import { lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const mistakes = `diagnose:
  - id: up
    http.get: http://127.0.0.1:1/
    save:
      late: status == 200 ? 0 : 1
    expect: { up: status in [200, 204] }
    finding: "\${vars.late}"
  - id: each
    foreach: [a, b]
    http.get: http://127.0.0.1:1/\${item}
    expect: status == 200
  - id: all
    http.get: http://127.0.0.1:1/
    needs: [each]
    expect: steps.each.all(i, i.outcome == "ok")
resolve:
  - rung: one
    steps: [{ wait: 1s }]
    verify: { findings: all, stable: 3, every: 2s }
`;

test("what is certain is written, and what lint says then is nothing", async () => {
  rig.runbook("book", mistakes);
  const { code, stderr, stdout } = await rig.run(["lint", "runbooks/book.yaml", "--fix"]);
  expect([code, stderr, stdout]).toEqual([
    0,
    "runbooks/book.yaml: 4 places fixed\n",
    "1 runbook checked: no problems\n",
  ]);
  const text = readFileSync(join(rig.folder, "runbooks/book.yaml"), "utf8");
  expect(text).toBe(
    `runbook: book\n${mistakes
      .replace("status == 200 ? 0 : 1", "'status == 200 ? 0 : 1'")
      .replace("status in [200, 204] }", "'status in [200, 204]' }")
      .replace("steps.each.all", "steps.each.items.all")
      .replace("stable: 3", "hold: 4s")}`,
  );
});

test("a link stays a link, a mode a mode, and line ends and a byte-order mark as they were", async () => {
  const file = join(rig.folder, "there.yaml");
  const text = "\u{feff}runbook: book\r\ndiagnose:\r\n  - wait: 1s\r\n    title: A: b\r\n";
  writeFileSync(file, text, { mode: 0o640 });
  symlinkSync(file, join(rig.folder, "book.yaml"));
  await rig.run(["lint", "book.yaml", "--fix"]);
  expect(readFileSync(file, "utf8")).toBe(text.replace("A: b", "'A: b'"));
  expect([statSync(file).mode & 0o777, lstatSync(join(rig.folder, "book.yaml")).isSymbolicLink()]).toEqual([
    0o640,
    true,
  ]);
});

test("what only a person can mend stays, with its place; a file without a fix is not written", async () => {
  rig.runbook("bad", "steps: [{ wiat: 1s }]\n");
  const file = join(rig.folder, "runbooks/bad.yaml");
  const before = statSync(file, { bigint: true });
  const { code, stderr } = await rig.run(["lint", "runbooks/bad.yaml", "--fix"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("wiat is not a kind of step")]);
  const after = statSync(file, { bigint: true });
  expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
});

test("--json counts the places", async () => {
  rig.runbook("book", "steps: [{ wait: 1s }]\ntitle: A: b\n");
  const { lines } = await rig.run(["lint", "runbooks/book.yaml", "--fix", "--json"]);
  expect(lines.find(({ type }) => type === "lint")).toMatchObject({ outcome: "ok", fixed: 1 });
});
