import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createMachine } from "../../../src/drivers/host/host.ts";
import { failure, value } from "../results.ts";

const root = mkdtempSync(join(tmpdir(), "lav-ir-machine-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const machine = createMachine(root);
const letters = (length: number): string =>
  Array.from({ length }, (_, at) => String.fromCharCode(97 + (at % 26))).join("");

test.each([0, 1, 8191, 8192, 8193, 32_768, 32_769, 300_000])(
  "a file of %i bytes is read whole",
  async (size) => {
    writeFileSync(join(root, "file"), letters(size));
    expect(value(await machine.text("/file", 1_000_000)) === letters(size)).toBe(true);
  },
);

test.each([1, 4096, 8192, 8193, 40_000])("of a longer file there are the first %i bytes", async (most) => {
  writeFileSync(join(root, "file"), letters(100_000));
  expect(value(await machine.text("/file", most)) === letters(most)).toBe(true);
});

test("a file of the kernel, which says that it has no size, is read whole", async () => {
  const status = value(await createMachine().text("/proc/self/status", 65_536));
  expect(status).toMatch(/^Name:[^]*\nPid:\t\d+\n[^]*_switches:\t\d+\n$/);
});

test("a pipe that nobody writes to does not hold it up", async () => {
  execFileSync("mkfifo", [join(root, "pipe")]);
  expect(value(await machine.text("/pipe", 100))).toBe("");
});

test("names are in order, and a link says where it leads", async () => {
  mkdirSync(join(root, "folder"));
  for (const name of ["b", "a"]) writeFileSync(join(root, "folder", name), "");
  symlinkSync("somewhere", join(root, "folder", "c"));
  expect(value(await machine.names("/folder"))).toEqual(["a", "b", "c"]);
  expect(value(await machine.link("/folder/c"))).toBe("somewhere");
});

test("a disk has room, and no more of it than it is large", async () => {
  const { bytes, freeBytes } = value(await machine.space("/"));
  expect(bytes).toBeGreaterThan(0n);
  expect(freeBytes <= bytes).toBe(true);
});

test("what is not there, and what is no file, are failures", async () => {
  expect(failure(await machine.text("/none", 10))).toMatchObject({ type: "missing" });
  expect(failure(await machine.names("/none"))).toMatchObject({ type: "missing" });
  expect(failure(await machine.text("/folder", 10))).toMatchObject({ type: "unreadable" });
});
