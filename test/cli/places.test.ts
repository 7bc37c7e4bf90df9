import { mkdirSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { slackStandIn, type SlackStandIn } from "../../sandbox/channels/slack.ts";
import { senderLock } from "../../src/store/layout.ts";
import { takeLock } from "../../src/store/lock.ts";
import { all, leaks, left, printed, secret } from "./places.ts";
import { Rig } from "./rig.ts";

// One secret goes in at every door and is looked for at every exit: what is printed, and each file that is left behind.

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
  const files = left(rig.folder);
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
  expect(leaks([...printed(ended), ...left(rig.folder)])).toEqual([]);
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
  const files = left(rig.folder);
  expect(slack.posts.length).toBeGreaterThan(0);
  expect([...files.keys()].some((name) => name.endsWith(".tar.gz"))).toBe(true);
  expect(leaks([["Slack", JSON.stringify(slack.posts)], ...files])).toEqual([]);
});
