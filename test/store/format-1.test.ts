import { chmodSync, cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../program.ts";
import { folded } from "./folded.ts";

// Journals of format 1, kept as the build of that time wrote them (fixtures/format-1/README.md). They are read
// for ever: what the readers make of them today is in expected.json beside them, and was read by a person.

const fixtures = fileURLToPath(new URL("fixtures/format-1/", import.meta.url));

test.each(["state", "killed"])("format 1, %s: the same state as ever", async (name) => {
  const state = copied(name);
  const found = await folded(state, join(fixtures, "approvers.yaml"));
  const file = join(fixtures, `${name}.expected.json`);
  if (process.env["GOLDEN"] === "write") writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
  expect(found).toEqual(JSON.parse(readFileSync(file, "utf8")));
});

/** A copy that is this user's alone, as a state folder is. */
function copied(name: string): string {
  const state = join(temporaryFolder(), "state");
  cpSync(join(fixtures, name), state, { recursive: true });
  for (const path of [".", ...readdirSync(state, { recursive: true, encoding: "utf8" })]) {
    const whole = join(state, path);
    chmodSync(whole, statSync(whole).isDirectory() ? 0o700 : 0o600);
  }
  return state;
}
