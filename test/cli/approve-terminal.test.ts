import { chmodSync, copyFileSync, cpSync, linkSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { approvers, give, person, type Person } from "./people.ts";
import { program, Rig } from "./rig.ts";
import { ctrlC, enter, Screen, type ScreenOptions } from "./screen.ts";

// Two people, each at a terminal of their own; as root the second is another user of the system.
const nobody = 65_534;
const root = process.getuid?.() === 0;

let rig: Rig;
let alice: Person;
let second: Person;
let screens: Screen[] = [];
beforeEach(async () => {
  rig = await Rig.create();
  rig.runbook("book", book);
  rig.server.on("POST /act", 200).on("GET /state", { json: { size: 7 } });
  [alice, second] = [person(rig, "alice"), person(rig, "nobody")];
  approvers(rig, [alice, second]);
  chmodSync(rig.folder, 0o755);
  if (root) give(second, nobody);
});
afterEach(async () => {
  for (const screen of screens) screen[Symbol.dispose]();
  screens = [];
  await rig[Symbol.asyncDispose]();
});

const book = `
title: Act on the market
service: market
steps:
  - { id: act, approvers: 2, "http.post": { url: "\${service.url}/act", before: "\${service.url}/state" } }
`;

function open(args: readonly string[], options: ScreenOptions): Screen {
  const screen = new Screen(rig, args, { columns: 140, rows: 50, ...options });
  screens.push(screen);
  return screen;
}

/** Alice's run, waiting for a second person. @returns the block as it stands in the file beside the journal. */
async function asked(): Promise<{ readonly run: Screen; readonly block: string }> {
  const run = open(["run", "book"], { env: alice.env });
  await run.shows("Do it?");
  run.type(`y${enter}`);
  await run.shows("Paste the line it prints");
  const { data } = rig.records().find(({ type }) => type === "approval.requested") ?? { data: {} as never };
  return { run, block: readFileSync(String(data["path"]), "utf8") };
}

/** What a person has in the clipboard after they copied the line from their terminal. */
function lineOn(screen: Screen): string {
  return /lav-ir-approval\.1\.[\w-]+\.[\w-]+\./.exec(screen.text())?.[0] ?? "";
}

// SUDO_USER is a word that anybody but root can say.
const other = root ? { uid: nobody, env: { SUDO_USER: "carol" } } : { env: { USER: "nobody" } };

/**
 * `lav-ir approve` of the second, as it is installed: this clone, and a Node that lies in it, may be in a folder
 * that is its owner's alone.
 */
function approve(): Screen {
  const [clone, installed] = [join(program, "../.."), join(rig.folder, "installed")];
  for (const part of ["bin", "dist", "package.json"])
    cpSync(join(clone, part), join(installed, part), { recursive: true });
  const node = join(installed, "node");
  const own = realpathSync(process.execPath);
  try {
    linkSync(own, node);
  } catch {
    // Another file system.
    copyFileSync(own, node);
  }
  const command = [node, join(installed, "bin", "lav-ir.js"), "approve"] as const;
  return open([], { ...other, env: { ...other.env, HOME: second.home }, command });
}

if (root)
  test("the request is pasted at one terminal, the approval at the other", async () => {
    const { run, block } = await asked();
    expect(run.text()).toContain("action: http.post: POST");
    const sign = approve();
    await sign.shows("Paste the approval request");
    sign.type(block.replaceAll("\n", enter));
    await sign.shows("Type act to sign it as nobody");
    expect(sign.text()).toContain("preview: sends POST /act");
    sign.type(`act${enter}`);
    expect((await sign.ended).code).toBe(0);
    expect(rig.server.changes()).toEqual([]);
    // First with a piece missing: that is said, and the question stands.
    const line = lineOn(sign);
    run.type(`${line.slice(0, 80)}${enter}`);
    await run.shows("the approval is truncated");
    run.type(`${line}${enter}`);
    const { code, text } = await run.ended;
    expect([code, rig.server.changes().length]).toEqual([0, 1]);
    expect(text).toContain("completed");
    const given = rig
      .records()
      .find(({ data }) => data["how"] === "second-person" && data["decision"] === "granted");
    expect(given?.data).toMatchObject({ approver: "nobody", fingerprint: second.fingerprint });
  });

if (root)
  test("what is typed is not the step: nothing is signed", async () => {
    const { block } = await asked();
    const sign = approve();
    await sign.shows("Paste the approval request");
    sign.type(block.replaceAll("\n", enter));
    await sign.shows("Type act to sign it as nobody");
    sign.type(`yes${enter}`);
    expect(await sign.ended).toMatchObject({
      code: 3,
      text: expect.stringContaining("nothing signed") as string,
    });
    expect(lineOn(sign)).toBe("");
  });

test("giving up is a No, and Ctrl-C an interruption: nothing changed, and the request is on record", async () => {
  const { run } = await asked();
  run.type(`no${enter}`);
  expect((await run.ended).code).toBe(3);
  const again = open(["run", "book"], { env: alice.env });
  await again.shows("Do it?");
  again.type(`y${enter}`);
  await again.shows("Paste the line it prints");
  again.type(ctrlC);
  expect((await again.ended).code).toBe(130);
  expect(rig.server.changes()).toEqual([]);
  const asks = rig.records().filter(({ type }) => type === "approval.requested");
  expect([rig.runs().length, asks.length]).toEqual([2, 1]);
});
