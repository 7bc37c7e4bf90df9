import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { slackStandIn, type SlackStandIn } from "../../sandbox/channels/slack.ts";
import { senderLock } from "../../src/store/layout.ts";
import { takeLock } from "../../src/store/lock.ts";
import { Rig, type Ended } from "./rig.ts";

// One secret goes in at every door and is looked for at every exit: what is printed, and each file that is left behind.

const secret = `kT9/xx+31 fa'Q"&<7`;
/** Of a rule: nobody has named it. */
const guessed = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
const bytes = Buffer.from(secret);
const shell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The secret as each custom writes it. */
const forms: Readonly<Record<string, string>> = {
  raw: secret,
  json: JSON.stringify(secret).slice(1, -1),
  "json twice": JSON.stringify(JSON.stringify(secret)).slice(3, -3),
  percent: encodeURIComponent(secret),
  base64: bytes.toString("base64"),
  hexadecimal: bytes.toString("hex"),
  shell: shell(secret),
  sql: secret.replaceAll("'", "''"),
  html: secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
  "shell in json": JSON.stringify(shell(secret)).slice(1, -1),
  "sql in json": JSON.stringify(secret.replaceAll("'", "''")).slice(1, -1),
  wrapped: bytes.toString("base64").replaceAll(/.{12}/g, "$&\n"),
  guessed,
};
const all = Object.values(forms).join(" and ");

let rig: Rig;
let slack: SlackStandIn;
beforeEach(async () => {
  [rig, slack] = [await Rig.inside(), await slackStandIn()];
  const bot = `slack: { token: "\${secrets.SLACK_TOKEN}", channel: C042 }`;
  rig.platform(
    `channels: { war-room: { ${bot}, url: "${slack.url}" } }\nseverities: { P1: { name: High, page: [war-room] } }\n`,
  );
  rig.runbook("book", book);
  rig.server
    .on("GET /health", { status: 500, text: all })
    .on("GET /state", { json: { was: all, [secret]: 1 } })
    .on("POST /act", { status: 200, json: { reply: all } })
    .on("POST /refused", { status: 409, text: all });
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
  await slack[Symbol.asyncDispose]();
});

const book = `
service: market
secrets: [RIG_TOKEN]
params: { words: { type: string } }
diagnose:
  - { id: health, title: It answers, "http.get": "\${service.url}/health", expect: status == 200 && body == "", finding: "it says \${body}" }
resolve:
  - rung: act
    title: Act
    steps:
      - id: post
        http.post:
          url: "\${service.url}/act"
          token: "\${secrets.RIG_TOKEN}"
          json: { words: "\${params.words}" }
          before: "\${service.url}/state"
          undo: { method: DELETE, url: "\${service.url}/act", json: { words: "\${params.words}" } }
        save: { reply: body }
      - id: program
        shell: { script: 'printf "%s" "$WORDS"; printf "%s" "$WORDS" >&2', env: { WORDS: "\${vars.reply}" } }
      - id: refused
        http.post: { url: "\${service.url}/refused", json: { words: "\${params.words}" } }
`;

const env = { RIG_TOKEN: secret, EMERGENCY_TOKEN: secret, SLACK_TOKEN: "xoxb-stand-in-token" };

/** Every file below the rig's folder but those that the test has written, packed ones unpacked. */
function left(): ReadonlyMap<string, string> {
  const own = new Set(["runbooks/book.yaml", "runbooks/platform.yaml"]);
  const found = new Map<string, string>();
  for (const entry of readdirSync(rig.folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(rig.folder.length + 1);
    if (!entry.isFile() || own.has(name)) continue;
    const raw = readFileSync(path);
    found.set(name, (name.endsWith(".gz") ? gunzipSync(raw) : raw).toString("latin1"));
  }
  return found;
}

/** Where which form of the secret stands. */
function leaks(places: Iterable<readonly [string, string]>): readonly string[] {
  return [...places].flatMap(([place, text]) =>
    Object.entries(forms)
      .filter(([, form]) => text.includes(form))
      .map(([name]) => `${place}: ${name}`),
  );
}

const printed = ({ stdout, stderr }: Ended): readonly (readonly [string, string])[] => [
  ["stdout", stdout],
  ["stderr", stderr],
];

test.each([
  ["for a person", []],
  ["for a program", ["--json"]],
  ["with all outputs", ["-v"]],
])("a run, %s", async (_for, flags) => {
  const ended = await rig.run(
    [
      "run",
      "book",
      "--yes",
      "--param",
      `words=${all}`,
      "--skip-evidence",
      all,
      "--junit",
      "out.xml",
      ...flags,
    ],
    { env },
  );
  expect(ended.code).toBe(1);
  const files = left();
  expect([...files.keys()].some((name) => name.endsWith("journal.ndjson"))).toBe(true);
  expect(files.has("out.xml")).toBe(true);
  expect(leaks([...printed(ended), ...files])).toEqual([]);
});

test("a run whose parameter held a secret is not resumed with another", async () => {
  rig.server.on("POST /act", "hang");
  const acted = rig.server.arrives("POST /act");
  const args = ["run", "book", "--yes", "--param", `words=${secret}`];
  const started = rig.start(args, { env });
  await acted;
  started.kill("SIGKILL");
  await started.ended;
  const ended = await rig.run(["resume", "--yes"], { env });
  expect(ended).toMatchObject({ code: 2, stdout: "" });
  expect(ended.stderr).toContain("the parameter words of RUN-");
  expect(ended.stderr).toContain("contained a secret and was not stored; start a new run");
  expect(leaks([...printed(ended), ...left()])).toEqual([]);
});

test("notes, facts, incidents and their messages, and a bundle", async () => {
  mkdirSync(rig.state, { mode: 0o700 });
  const run = async (...args: readonly string[]): Promise<void> => {
    const ended = await rig.run(args, { env });
    expect([args[0], ended.code, leaks(printed(ended))]).toEqual([args[0], 0, []]);
  };
  // Somebody is at it who sends nothing, so that no command starts a sender of its own.
  const held = await takeLock(senderLock(rig.state), 0);
  if (!("release" in held)) throw new Error("somebody sends already");
  await run("declare", "P1", all);
  await run("note", all);
  await run("fact", "bridge", all);
  await run("snapshot", "--only", "host.machine,runs");
  await held.release();
  await run("sender", "--once");
  await run("incident", "show");
  await run("incident", "timeline", "--json");
  await run("status");
  const again = await takeLock(senderLock(rig.state), 0);
  await run("resolve", all);
  if ("release" in again) await again.release();
  const files = left();
  expect(slack.posts.length).toBeGreaterThan(0);
  expect([...files.keys()].some((name) => name.endsWith(".tar.gz"))).toBe(true);
  expect(leaks([["Slack", JSON.stringify(slack.posts)], ...files])).toEqual([]);
});
