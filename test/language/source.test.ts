import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readSource } from "../../src/language/source.ts";

const folder = mkdtempSync(join(tmpdir(), "lav-ir-source-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([0, 1, 4095, 65_536, 256 * 1024])("a file of %i bytes is read whole", async (size) => {
  const path = join(folder, `${size}.yaml`);
  writeFileSync(path, "a".repeat(size));
  expect(await readSource(path)).toEqual({ ok: true, value: { path, text: "a".repeat(size) } });
});

test("one byte more is refused", async () => {
  const path = join(folder, "long.yaml");
  writeFileSync(path, "a".repeat(256 * 1024 + 1));
  expect(await readSource(path)).toMatchObject({ ok: false, failure: expect.stringContaining("256 KiB") });
});

test("a file that calls itself empty is read", async () => {
  const read = await readSource("/proc/self/status");
  expect(read).toMatchObject({ ok: true, value: { text: expect.stringContaining("VmRSS") } });
});
