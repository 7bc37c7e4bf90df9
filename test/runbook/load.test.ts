import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { readSource } from "../../src/language/source.ts";
import { bundled, start } from "../program.ts";
import { linted, lintedFile, read } from "./lint.ts";

const ping = "diagnose:\n  - redis.ping:\n";

function folderFor(): string {
  const folder = mkdtempSync(join(tmpdir(), "lav-ir-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test.each([
  ["nothing there", "zz.yaml", {}, "DIR/zz.yaml does not exist"],
  ["a directory", "", {}, "DIR is a directory; name a file in it"],
  [
    "a file in the path",
    "a.yaml/b.yaml",
    { "a.yaml": "" },
    "DIR/a.yaml/b.yaml does not exist: a part of the path is a file",
  ],
  ["not UTF-8", "a.yaml", { "a.yaml": Buffer.from([0x72, 0xff]) }, "DIR/a.yaml is not UTF-8 text"],
  [
    "10 MB",
    "a.yaml",
    { "a.yaml": "a".repeat(10 * 1024 * 1024) },
    "DIR/a.yaml has 10240 KiB; the limit is 256 KiB",
  ],
])("%s is one sentence", async (_what, name, files, said) => {
  expect(await lintedFile(name, files)).toBe(said);
});

test("a named pipe, a device and a link to itself are refused, and nothing waits for them", async () => {
  const folder = folderFor();
  execFileSync("mkfifo", [join(folder, "pipe")]);
  symlinkSync("round", join(folder, "round"));
  const said = await Promise.all([join(folder, "pipe"), "/dev/zero", join(folder, "round")].map(readSource));
  expect(said.map((source) => (source.ok ? "" : source.failure.replace(folder, "DIR")))).toEqual([
    "DIR/pipe is not a regular file",
    "/dev/zero is not a regular file",
    "DIR/round is a circular link",
  ]);
});

test("a file this user may not read is one sentence", async () => {
  const folder = folderFor();
  const program = await bundled("source-reader", folder);
  const secret = join(folder, "secret.yaml");
  writeFileSync(secret, "runbook: r\n");
  chmodSync(secret, 0o000);
  chmodSync(folder, 0o755);
  // Root may read everything: as nobody it may not.
  const { ended } = start(program, [secret, process.getuid?.() === 0 ? "65534" : ""]);
  expect(await ended).toEqual({ code: 0, signal: null, stderr: `this user cannot read ${secret}\n` });
});

test("an include brings a section in, with its parameters and names of its own", async () => {
  const said = await lintedFile("a.yaml", {
    "a.yaml": `runbook: a\nparams:\n  t: { default: x }\ndiagnose:\n  - include: b\n    id: inner\n    with: { topic: "\${params.t}" }\n  - kafka.topic: market\n    needs: [inner]\n    when: steps.inner.one.partitions > 0\n`,
    "b.yaml": `runbook: b\nparams:\n  topic: {}\ndiagnose:\n  - id: one\n    kafka.topic: \${params.topic}\n`,
  });
  expect(said).toBe("");
});

test("files that include each other are shown the way round", async () => {
  const said = await lintedFile("a.yaml", {
    "a.yaml": "runbook: a\ndiagnose:\n  - include: b\n",
    "b.yaml": "runbook: b\ndiagnose:\n  - include: c\n",
    "c.yaml": "runbook: c\ndiagnose:\n  - include: b\n",
  });
  expect(said).toBe(
    [
      "DIR/c.yaml:3:14: circular include: DIR/b.yaml → DIR/c.yaml → DIR/b.yaml",
      "  3 |   - include: b",
      "    |              ^",
    ].join("\n"),
  );
});

test.each([
  [
    "a parameter that is not there",
    "  - include: b\n    with: { topc: x, topic: y }\n",
    "DIR/a.yaml:4:13: b has no parameter topc (did you mean topic?)\n  4 |     with: { topc: x, topic: y }\n    |             ^^^^",
  ],
  [
    "a parameter that is missing",
    "  - include: b\n",
    "DIR/a.yaml:3:14: b needs the parameter topic\n  3 |   - include: b\n    |              ^",
  ],
  [
    "a section that is not there",
    "  - include: b\n    section: steps\n    with: { topic: x }\n",
    "DIR/a.yaml:3:14: b has no steps section\n  3 |   - include: b\n    |              ^",
  ],
  [
    "a key that is not there",
    "  - include: b\n    wth: { topic: x }\n    with: { topic: x }\n",
    "DIR/a.yaml:4:5: wth is not a key of an include (did you mean with?)\n  4 |     wth: { topic: x }\n    |     ^^^",
  ],
  [
    "a variable the included one saves",
    "  - include: b\n    with: { topic: x }\n  - kafka.topic: ${vars.seen}\n",
    "DIR/a.yaml:5:25: seen is not defined here\n  5 |   - kafka.topic: ${vars.seen}\n    |                         ^^^^\n  Nothing is defined there.",
  ],
])("an include with %s", async (_what, steps, said) => {
  const b =
    "runbook: b\nparams:\n  topic: {}\ndiagnose:\n  - kafka.topic: ${params.topic}\n    save: { seen: partitions }\n";
  expect(await lintedFile("a.yaml", { "a.yaml": `runbook: a\ndiagnose:\n${steps}`, "b.yaml": b })).toBe(said);
});

test("an included runbook's secrets are declared where it is included", async () => {
  const b = `runbook: b\nsecrets: [TOK]\ndiagnose:\n  - http.get: { url: http://h/, headers: { A: "\${secrets.TOK}" } }\n`;
  const a = "runbook: a\nsecrets: [OTHER]\ndiagnose:\n  - include: b\n";
  expect(await lintedFile("a.yaml", { "a.yaml": a, "b.yaml": b })).toBe(
    "DIR/a.yaml:4:14: b needs the secret TOK\n  4 |   - include: b\n    |              ^\n  Declare it here too: secrets: [OTHER, TOK].",
  );
  expect(await lintedFile("a.yaml", { "a.yaml": a.replace("OTHER", "TOK"), "b.yaml": b })).toBe("");
});

test("what is wrong in an included file is told there, and once", async () => {
  const said = await lintedFile("a.yaml", {
    "a.yaml": "runbook: a\ndiagnose:\n  - include: b\n  - include: c\n",
    "b.yaml": "runbook: b\ndiagnose:\n  - include: c\n",
    "c.yaml": "runbook: c\ndiagnose:\n  - redis.pin:\n",
  });
  expect(said).toBe(
    "DIR/c.yaml:3:5: redis.pin is not a kind of step\n  3 |   - redis.pin:\n    |     ^^^^^^^^^\n  Did you mean redis.ping?",
  );
});

test("includes that double at every level end soon, with one sentence", async () => {
  const files: Record<string, string> = { "l0.yaml": `runbook: l0\n${ping}` };
  for (let level = 1; level <= 7; level++) {
    const twice = Array.from({ length: 6 }, () => `  - include: l${level - 1}\n`).join("");
    files[`l${level}.yaml`] = `runbook: l${level}\ndiagnose:\n${twice}`;
  }
  expect(await lintedFile("l7.yaml", files)).toContain(
    "this runbook has 7776 steps with its includes; the limit is 2000",
  );
});

test("includes have a depth", async () => {
  const files: Record<string, string> = { "l0.yaml": `runbook: l0\n${ping}` };
  for (let level = 1; level <= 12; level++)
    files[`l${level}.yaml`] = `runbook: l${level}\ndiagnose:\n  - include: l${level - 1}\n`;
  expect(await lintedFile("l12.yaml", files)).toContain("includes are nested more than 8 deep here");
});

test("a key called include in a request's body includes nothing", async () => {
  expect(
    await linted(
      "runbook: r\nsteps:\n  - http.post: { url: http://h/, json: { include: foo, steps: [{ include: bar }] } }\n",
    ),
  ).toBe("");
});

test("the digest changes with the text, and with an included one's", async () => {
  const [one, two] = await Promise.all([read(`runbook: r\n${ping}`), read(`runbook: r\n${ping}# more\n`)]);
  expect(one.digest).toMatch(/^[0-9a-f]{64}$/);
  expect(two.digest).not.toBe(one.digest);
});

test("of very many problems the first are shown, and how many more there are", async () => {
  const said = await linted(
    `runbook: r\n${Array.from({ length: 5000 }, (_, index) => `k${index}: 1\n`).join("")}`,
  );
  expect(said.split("\n").filter((line) => line.startsWith("r.yaml:"))).toHaveLength(50);
  expect(said).toMatch(/\n {2}There are 4951 more problems\.$/);
});
