import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFiles } from "../../../src/drivers/files/files.ts";
import { fileRead } from "../../../src/kinds/file/file-read.ts";
import { fileSearch } from "../../../src/kinds/file/file-search.ts";
import type { Kind } from "../../../src/kinds/kind.ts";
import { loadRe2 } from "../../../src/language/re2.ts";
import type { Clock } from "../../../src/ports/ports.ts";
import type { Files } from "../../../src/ports/files.ts";
import { args, context, where } from "../context.ts";

type Given = Readonly<Record<string, unknown>>;
const now = new Date("2026-11-30T18:00:00Z");
const clock: Clock = { now: () => now, monotonic: () => 0, sleep: async () => {} };
let folder: string;
let files: Files;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lav-file-"));
  files = createFiles({ logs: folder });
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(name: string, text: string | Buffer, age = 0): void {
  writeFileSync(join(folder, name), text);
  const at = new Date(now.getTime() - age);
  utimesSync(join(folder, name), at, at);
}

async function run(kind: Kind, given: Given) {
  return await kind.execute(args(kind, given), context({ files, clock }));
}
const search = async (given: Given) => await run(fileSearch, { file: "logs/a.log", ...given });

/** A line so many seconds old. */
const line = (age: number, text: string): string =>
  `${new Date(now.getTime() - age * 1000).toISOString()} ${text}\n`;

describe("file.read", () => {
  test("has the text, its lines, its size and age", async () => {
    put("deploy.txt", "v1\r\nv2", 90_000);
    expect(await run(fileRead, { file: "logs/deploy.txt" })).toEqual({
      ok: true,
      value: {
        text: "v1\r\nv2",
        lines: ["v1", "v2"],
        size: 6,
        modified: new Date(now.getTime() - 90_000),
        age: 90_000,
        truncated: false,
      },
    });
  });

  test("of a long one keeps the end; an empty one has no line", async () => {
    put("a.log", "0123456789\n".repeat(100_000));
    const read = await run(fileRead, { file: "logs/a.log", max_bytes: 15 });
    expect(read).toMatchObject({ value: { text: "789\n0123456789\n", size: 1_100_000, truncated: true } });
    put("empty", "");
    expect(await run(fileRead, { file: "logs/empty" })).toMatchObject({
      value: { text: "", lines: [], size: 0 },
    });
  });

  test("is no text: unknown; zeros that a crash left are no part of it", async () => {
    put("a.gz", gzipSync(Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 251))));
    expect(await run(fileRead, { file: "logs/a.gz" })).toMatchObject({
      failure: { type: "unreadable", message: "it is a binary file" },
    });
    put("a.log", Buffer.concat([Buffer.alloc(20_000), Buffer.from("after\n")]));
    expect(await run(fileRead, { file: "logs/a.log" })).toMatchObject({ value: { lines: ["after"] } });
  });
});

describe("file.search", () => {
  test("counts the lines that match, and keeps the newest", async () => {
    put("a.log", "ERROR 1\nok\nERROR 2\nFATAL 3\n");
    expect(await search({ match: "ERROR|FATAL", max_lines: 2 })).toMatchObject({
      ok: true,
      value: { count: 3, lines: ["ERROR 2", "FATAL 3"], size: 27 },
    });
    expect(await search({ match: "(?i)error \\d$" })).toMatchObject({ value: { count: 2 } });
    expect(await search({ match: "nothing" })).toMatchObject({ value: { count: 0, lines: [] } });
  });

  test("since: by the lines' own times; what has none belongs to the line before it", async () => {
    put(
      "a.log",
      [line(900, "ERROR old"), "  at old\n", line(500, "ERROR a"), "  at a\n", line(5, "ok")].join(""),
    );
    expect(await search({ match: "ERROR| at ", since: 600_000 })).toMatchObject({
      value: {
        count: 2,
        lines: [line(500, "ERROR a").trimEnd(), "  at a"],
        from: new Date(now.getTime() - 500_000),
      },
    });
    const none = await search({ match: "ERROR", since: 1000 });
    expect(none).toMatchObject({ value: { count: 0 } });
    expect(none.ok && none.value).not.toHaveProperty("from");
  });

  test("since: no time that is read is unknown, and never nothing", async () => {
    put("a.log", "2026-11-30 17:59:59,123 ERROR\n".repeat(3));
    const says = "none of its lines has a time that is read: RFC 3339 with a zone, syslog, or nginx's";
    expect(await search({ match: "ERROR", since: 60_000 })).toMatchObject({
      failure: { type: "unreadable", message: says },
    });
    put("a.log", "no time in here\n".repeat(400_000));
    expect(await search({ match: "ERROR", since: 60_000 })).toMatchObject({ failure: { message: says } });
    put("a.log", "");
    expect(await search({ match: "ERROR", since: 60_000 })).toMatchObject({ value: { count: 0 } });
  });

  test("since: goes into the rotated file, and no further than it must", async () => {
    put("a.log", line(5, "ERROR new"));
    put("a.log.1", line(900, "ERROR old") + line(100, "ERROR before"));
    expect(await search({ match: "ERROR", since: 600_000 })).toMatchObject({
      value: { count: 2, lines: [line(100, "ERROR before").trimEnd(), line(5, "ERROR new").trimEnd()] },
    });
    // The newest file reaches back far enough: the other is not opened.
    put("a.log", line(700, "ERROR old") + "x\n".repeat(200_000) + line(5, "ERROR new"));
    put("a.log.1", Buffer.from([0, 1, 2, 3, 4, 5, 6, 7]));
    expect(await search({ match: "ERROR", since: 60_000 })).toMatchObject({ value: { count: 1 } });
    // Without since it is the one file alone.
    expect(await search({ match: "ERROR" })).toMatchObject({ value: { count: 2 } });
  });

  test("since: a line that runs over from the rotated file belongs to its last one", async () => {
    put("a.log", `  at three\n${line(5, "ok")}`);
    put("a.log.1", line(20, "ERROR two"));
    expect(await search({ match: "at three", since: 60_000 })).toMatchObject({ value: { count: 1 } });
  });

  test("rotated while it is searched: each line counts once, the newest too", async () => {
    put("a.log", line(9, "ERROR one"));
    const real = files;
    let opened = 0;
    files = {
      open: async (place) => {
        const found = await real.open(place);
        if (++opened === 1) {
          renameSync(join(folder, "a.log"), join(folder, "a.log.1"));
          put("a.log", line(1, "ERROR two"));
        }
        return found;
      },
    };
    expect(await search({ match: "ERROR", since: 60_000 })).toMatchObject({ value: { count: 2 } });
  });

  test("grows while it is searched: as it was", async () => {
    put("a.log", line(9, "ERROR one"));
    const real = files;
    files = {
      open: async (place) => {
        const found = await real.open(place);
        appendFileSync(join(folder, "a.log"), line(1, "ERROR two"));
        return found;
      },
    };
    expect(await search({ match: "ERROR" })).toMatchObject({ value: { count: 1 } });
  });

  test("a count is never of a part: longer than max_bytes is unknown", async () => {
    put("a.log", line(5, "ERROR").repeat(50_000));
    expect(await search({ match: "ERROR", max_bytes: 100_000 })).toMatchObject({
      failure: { type: "overflow", message: "it is longer than max_bytes (100000)" },
    });
    expect(await search({ match: "ERROR", since: 60_000, max_bytes: 100_000 })).toMatchObject({
      failure: { message: "its lines of that time are longer than max_bytes (100000)" },
    });
  });

  test("a pattern that takes others for ever is decided at once", async () => {
    put("a.log", `${"a".repeat(100_000)}!\n`);
    expect(await search({ match: "(a+)+$" })).toMatchObject({ value: { count: 0 } });
  });

  test("binary is unknown; a link out of the folder is refused; nothing is changed", async () => {
    put("a.log", Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 131) % 256)));
    expect(await search({ match: "x" })).toMatchObject({ failure: { type: "unreadable" } });
    symlinkSync("/etc/passwd", join(folder, "out"));
    expect(await run(fileSearch, { file: "logs/out", match: "root" })).toMatchObject({
      failure: { type: "denied" },
    });
    expect(readFileSync(join(folder, "a.log"))).toHaveLength(3000);
  });
});

describe("in a plan", () => {
  const at = { ...where, files: { logs: "/var/log/lav/", nginx: "/var/log/nginx" } };

  test.each([
    ["logs/api.log", undefined],
    ["logs/deep/api.log", undefined],
    ["‹params.root›/api.log", undefined],
    ["logs/‹item›.log", undefined],
    ["logz/api.log", "platform.yaml has no files.logz (did you mean logs?); it has logs, nginx"],
    ["/etc/passwd", '"/etc/passwd" is not a folder\'s name and a path of plain names below it'],
    ["logs", '"logs" is not a folder\'s name and a path of plain names below it'],
    ["logs/../x", '"logs/../x" is not a folder\'s name and a path of plain names below it'],
    ["logs//x", '"logs//x" is not a folder\'s name and a path of plain names below it'],
    ["constructor/x", "platform.yaml has no files.constructor; it has logs, nginx"],
  ])("%s: %s", (file, says) => {
    expect(fileRead.check?.({ file }, at)).toBe(says);
  });

  test("a pattern that does not compile is refused", async () => {
    await loadRe2();
    const check = (match: string) => fileSearch.check?.({ file: "logs/a", match }, at);
    expect(check("a|b")).toBeUndefined();
    expect(check("‹params.what›")).toBeUndefined();
    expect(check("")).toBe("match is empty: every line would count");
    for (const bad of ["(", "(?=a)", "[z-a]"])
      expect(check(bad)).toMatch(/^match is not a pattern \(RE2\): /);
  });

  test("reads in words", () => {
    const given = { file: "logs/api.log", match: "it's|x", since: 600_000, max_bytes: 1000 };
    expect(fileSearch.plan(given, at)).toBe(
      `file.search: look for "it's|x" in logs/api.log (/var/log/lav/api.log), the last 10m`,
    );
    expect(fileSearch.byHand(given, at)).toBe(
      "grep -P -- 'it'\\''s|x' /var/log/lav/api.log # those of the last 10m",
    );
    expect(fileRead.plan(given, at)).toBe("file.read: read logs/api.log (/var/log/lav/api.log)");
    expect(fileRead.byHand(given, at)).toBe("tail -c 1000 /var/log/lav/api.log");
  });
});
