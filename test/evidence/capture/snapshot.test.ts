import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRedactor } from "../../../src/secrets/redactor.ts";
import { fail } from "../../../src/base/result.ts";
import { walkBundle } from "../../../src/evidence/bundle/bundle.ts";
import { Contents } from "../../../src/evidence/bundle/contents.ts";
import type { CollectorRow, RedactionRow } from "../../../src/evidence/bundle/rows.ts";
import { takeSnapshot } from "../../../src/evidence/capture/snapshot.ts";
import { patience } from "../../patience.ts";
import { temporaryFolder } from "../../program.ts";
import { canary, collector, request, take } from "../bundle/bag.ts";

async function contentsOf(path: string): Promise<Contents> {
  const contents = new Contents(() => true);
  const walked = await walkBundle(path, contents);
  expect([walked.ok, contents.problems]).toEqual([true, []]);
  return contents;
}

async function rowsOf(path: string): Promise<readonly CollectorRow[]> {
  return (await contentsOf(path)).rows<CollectorRow>("collectors.jsonl");
}

const line = "2026-11-24T21:00:00Z INFO an ordinary line of a log\n";

describe("what a bundle is on the disk", () => {
  test("three files that only their owner reads, and nothing else", async () => {
    const out = join(temporaryFolder(), "out");
    const { sealed, snapshot } = await take(out, [collector("a", () => {})]);
    expect(readdirSync(out).toSorted()).toEqual(
      [".sha256", ".sig", ".tar.gz"].map((ending) => `${snapshot.name}${ending}`),
    );
    for (const name of readdirSync(out)) expect(statSync(join(out, name)).mode & 0o077).toBe(0);
    expect(statSync(out).mode & 0o077).toBe(0);
    expect(sealed.bytes).toBe(statSync(sealed.path).size);
  });

  test("while it is captured, its folder is its owner's alone", async () => {
    const out = temporaryFolder();
    const modes: number[] = [];
    await take(out, [
      collector("a", ({ file }) => {
        file("x/y.log", { kind: "text", keep: "newest" }).write(line);
        for (const name of readdirSync(out, { recursive: true }))
          modes.push(statSync(join(out, String(name))).mode & 0o077);
      }),
    ]);
    expect(modes.length).toBeGreaterThan(3);
    expect(new Set(modes)).toEqual(new Set([0]));
  });
});

describe("a collector", () => {
  test("that never ends is left behind at its deadline, with what it had written", async () => {
    const { sealed, snapshot } = await take(temporaryFolder(), [
      collector(
        "hung",
        ({ file }) => {
          file("a.log", { kind: "text", keep: "newest" }).write(line);
          return new Promise<void>(() => {});
        },
        { deadline: 50 },
      ),
      collector("other", ({ file }) => file("b.log", { kind: "text", keep: "newest" }).write(line)),
    ]);
    const contents = await contentsOf(sealed.path);
    expect(
      contents.rows<CollectorRow>("collectors.jsonl").map(({ id, status }) => `${id} ${status}`),
    ).toEqual(["hung timeout", "other ok"]);
    expect(contents.texts.get("data/hung/a.log")).toBe(line);
    expect([snapshot.verdict, snapshot.missing[0]?.collector]).toEqual(["partial", "hung"]);
  });

  test("loses none of its time to a process that does not get to run", async () => {
    const { sealed } = await take(temporaryFolder(), [
      collector(
        "starved",
        async ({ file, signal }) => {
          // Stands still for twice its time, as on a machine that has none for this process.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
          await new Promise((resolve) => setTimeout(resolve, 1));
          await new Promise((resolve) => setTimeout(resolve, 1));
          if (!signal.aborted) file("a.log", { kind: "text", keep: "newest" }).write(line);
        },
        { deadline: 1000 },
      ),
    ]);
    expect((await contentsOf(sealed.path)).texts.get("data/starved/a.log")).toBe(line);
  });

  test("that fails, is denied, has a bug, has nothing to do: each its own row", async () => {
    const failing = (type: "denied" | "rejected") => () =>
      Promise.resolve(fail({ type, target: "x", message: `because of ${canary}` } as const));
    const { sealed } = await take(temporaryFolder(), [
      collector("a", () => {}, { collect: failing("denied") }),
      collector("b", () => {}, { collect: failing("rejected") }),
      collector("c", () => {
        throw new Error(`a bug with ${canary}`);
      }),
      collector("d", () => {}, {
        collect: () => Promise.resolve({ ok: true, value: { skipped: "there is none" } }),
      }),
      collector("e", ({ tell }) => tell({ type: "missing", what: "one part", why: "it was full" })),
    ]);
    const rows = await rowsOf(sealed.path);
    expect(rows.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "a denied",
      "b error",
      "c error",
      "d skipped",
      "e partial",
    ]);
    expect(rows[0]?.why).toMatch(/^x refused access: because of ‹secret:known:/);
    expect(rows[2]?.why).toMatch(/a bug with ‹secret:known:/);
  });

  test("that brings without end keeps the newest lines, and the cut is on record", async () => {
    const { sealed } = await take(temporaryFolder(), [
      collector("logs", ({ file }) => {
        const sink = file("a.log", { kind: "text", keep: "newest", cap: 80_000 });
        for (let at = 0; at < 300_000; at++) sink.write(`line ${at}\n`);
      }),
    ]);
    const contents = await contentsOf(sealed.path);
    const [row] = contents.rows<CollectorRow>("collectors.jsonl")[0]?.files ?? [];
    const text = contents.texts.get("data/logs/a.log") ?? "";
    expect(text.endsWith("line 299999\n")).toBe(true);
    expect(text.length).toBeLessThanOrEqual(80_000);
    expect(text.length).toBeGreaterThan(60_000);
    expect(row?.cut).toEqual({ bytes: (row?.seen ?? 0) - text.length, end: "oldest" });
  });

  test("whose files are too long together: the oldest of a listing is kept", async () => {
    const { sealed } = await take(temporaryFolder(), [
      collector(
        "list",
        ({ file }) => {
          for (const name of ["a", "b", "c"]) {
            const sink = file(name, { kind: "text", keep: "oldest" });
            sink.write("x".repeat(600));
            sink.end();
          }
        },
        { cap: 1000 },
      ),
    ]);
    const [row] = await rowsOf(sealed.path);
    expect(row?.files.map(({ kept, cut }) => [kept, cut?.bytes ?? 0, cut?.end])).toEqual([
      [600, 0, undefined],
      [400, 200, "newest"],
      [0, 600, "newest"],
    ]);
    expect([row?.status, row?.kept]).toEqual(["partial", 1000]);
  });

  test("that is left behind can write nothing more", async () => {
    let late: (() => void) | undefined;
    let leave = (): void => {};
    const left = new Promise<void>((resolve) => (leave = resolve));
    const collectors = [
      collector(
        "hung",
        ({ file, tell }) =>
          new Promise<void>(() => {
            const sink = file("a.log", { kind: "text", keep: "newest" });
            late = () => {
              sink.write(line);
              file("b.log", { kind: "text", keep: "newest" }).write(line);
              tell({ type: "finding", text: "late" });
            };
          }),
        { deadline: 10 },
      ),
      collector(
        "slow",
        async () => {
          await left;
          late?.();
        },
        { deadline: patience },
      ),
    ];
    const { sealed } = await take(temporaryFolder(), collectors, {
      progress: ({ id }) => void (id === "hung" && leave()),
    });
    const contents = await contentsOf(sealed.path);
    expect(contents.texts.get("data/hung/a.log")).toBe("");
    expect([...contents.files.keys()].filter((path) => path.startsWith("data/"))).toEqual([
      "data/hung/a.log",
    ]);
  });
});

describe("names that a service chose", () => {
  test("cannot leave the folder, hide, or fall together", async () => {
    const names = [
      "../../etc/passwd",
      "/etc/shadow",
      ".hidden",
      "-rf",
      "a\nb",
      "a\u202Eb",
      "con/../x",
      "",
      ".",
      "..",
      "x".repeat(400),
      `${"d/".repeat(200)}deep`,
      "Same.log",
      "same.log",
      "same.log",
      "é.log",
      "a b;c",
    ];
    const { sealed } = await take(temporaryFolder(), [
      collector("docker.logs", ({ file }) => {
        for (const name of names) file(name, { kind: "text", keep: "oldest" }).write(name);
      }),
    ]);
    const paths = [...(await contentsOf(sealed.path)).files.keys()].filter((path) =>
      path.startsWith("data/"),
    );
    expect(paths).toHaveLength(names.length);
    expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(names.length);
    for (const path of paths)
      expect(path).toMatch(/^data\/docker\/(?:[\w@+=,][\w.@+=,-]*\/)*[\w@+=,][\w.@+=,-]*$/);
  });
});

describe("a secret", () => {
  test("is nowhere in the bundle, whatever a collector says it in", async () => {
    const encoded = [
      canary,
      encodeURIComponent(canary),
      JSON.stringify(canary),
      Buffer.from(canary).toString("base64"),
      Buffer.from(canary).toString("hex"),
    ];
    const { sealed, snapshot } = await take(temporaryFolder(), [
      collector(
        `one`,
        ({ file, tell }) => {
          const sink = file(`name-${canary}`, { kind: "text", keep: "newest" });
          for (const form of encoded) for (const character of `a ${form} b\n`) sink.write(character);
          tell({ type: "finding", text: `found ${canary}` });
          tell({ type: "event", time: new Date(), source: canary, text: canary });
          tell({ type: "missing", what: canary, why: canary });
          file("binary", { kind: "binary", keep: "oldest" }).write(Buffer.from(`\0\u0001${canary}\0`));
        },
        { target: `db ${canary}`, summary: `what ${canary} is` },
      ),
    ]);
    const contents = await contentsOf(sealed.path);
    const all = [...contents.texts].map(([path, text]) => `${path}\n${text}`).join("\n");
    for (const form of encoded) expect(all).not.toContain(form);
    expect(contents.rows<RedactionRow>("redactions.jsonl").length).toBeGreaterThan(0);
    expect(snapshot.missing.map(({ why }) => why)).toContain(
      "it contains a secret, and binary data cannot be redacted",
    );
  });

  test("that redaction left standing keeps the bundle from being sealed", async () => {
    const out = temporaryFolder();
    // A redactor that passes it by while it is captured, as one with a gap would.
    let captured = false;
    const sound = createRedactor([canary]);
    const taken = await takeSnapshot(
      request(
        out,
        [
          collector("one", ({ file }) =>
            file("a.log", { kind: "text", keep: "newest" }).write(`x ${canary} y\n`),
          ),
        ],
        {
          redactor: { text: (text) => (captured ? sound.text(text) : text), value: (value) => value },
          progress: () => (captured = true),
        },
      ),
    );
    expect(taken).toMatchObject({
      ok: false,
      failure: { message: "the last search before sealing found a known secret in data/one/a.log" },
    });
    expect(readdirSync(out).filter((name) => !name.endsWith(".stage"))).toEqual([]);
  });

  test("that is a word of ours does not keep it from being sealed, and is redacted where others say it", async () => {
    const secrets = ["logs", "status", canary];
    const { sealed } = await take(
      temporaryFolder(),
      [
        collector("logs", ({ file }) =>
          file("logs.txt", { kind: "text", keep: "newest" }).write("my logs, my status\n"),
        ),
      ],
      { secrets, redactor: createRedactor(secrets) },
    );
    const said = [...(await contentsOf(sealed.path)).texts].find(([path]) =>
      path.startsWith("data/logs/"),
    )?.[1];
    expect(said).toMatch(/^my ‹secret:known:[0-9a-f]{8}›, my ‹secret:known:[0-9a-f]{8}›\n$/);
  });

  test("in what is packed cannot be looked for: it is withheld", async () => {
    const { snapshot } = await take(temporaryFolder(), [
      collector("one", ({ file }) =>
        file("a.gz", { kind: "binary", keep: "oldest" }).write(Buffer.from([0x1f, 0x8b, 8, 0, 0])),
      ),
    ]);
    expect(snapshot.missing[0]?.why).toContain("it is packed (gzip)");
  });
});

test("a clock that is stepped while it captures: how long it took is right, and the step is on record", async () => {
  let now = Date.now();
  let mono = 0;
  const clock = { now: () => new Date(now), monotonic: () => mono, sleep: () => new Promise<void>(() => {}) };
  const { snapshot } = await take(
    temporaryFolder(),
    [
      collector("a", () => {
        now -= 3_600_000;
        mono += 250;
      }),
    ],
    { ports: { clock } as never },
  );
  expect([snapshot.took, snapshot.clockStep]).toEqual([250, -3_600_250]);
});

test("what nobody waits for any more is not sealed, and leaves no folder; else it can be salvaged", async () => {
  const out = join(temporaryFolder(), "out");
  const kill = AbortSignal.abort();
  const given = [collector("a", () => {})];
  const stopped = await takeSnapshot(request(out, given, { kill, left: () => false }));
  expect(stopped).toEqual({ ok: false, failure: { message: "it was interrupted" } });
  expect(readdirSync(out)).toEqual([]);
  const left = await takeSnapshot(request(out, given, { kill }));
  expect(left).toMatchObject({ failure: { stage: join(out, readdirSync(out)[0] ?? "") } });
});

test("nothing can be written: not sealed, nothing left", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  const taken = await takeSnapshot(request(join(folder, "file", "out"), [collector("a", () => {})]));
  expect(taken).toMatchObject({
    ok: false,
    failure: { message: expect.stringContaining("a part of its path is a file") as string },
  });
  mkdirSync(join(folder, "out"));
  const stopped = await takeSnapshot(
    request(join(folder, "out"), [collector("a", () => {})], { kill: AbortSignal.abort() }),
  );
  expect(stopped).toMatchObject({ ok: false, failure: { message: "it was interrupted" } });
  expect(readdirSync(join(folder, "out")).filter((name) => !name.endsWith(".stage"))).toEqual([]);
});
