/** A URL that is one whole secret: its name is in every plan, question and record, and nothing of the address. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { closedPort } from "../drivers/loopback.ts";
import { Rig } from "./rig.ts";

const path = "/services/T0001ABCD/violet-harbour-17-amber";
const book = `
service: market
secrets: [SLACK_WEBHOOK]
diagnose:
  - id: hook
    http.get: \${secrets.SLACK_WEBHOOK}
    expect: status == 200
    finding: "\${status} \${headers.?location.orValue('')} \${body}"
steps:
  - http.post:
      url: \${secrets.SLACK_WEBHOOK}
      json: { text: up }
      undo: { method: DELETE, url: "\${service.url}/act" }
`;

let rig: Rig;
let url: string;
beforeEach(async () => {
  rig = await Rig.inside();
  url = `${rig.server.url}${path}`;
  rig.runbook("book", book);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

/** Everything that stands in the state folder. */
function kept(): string {
  if (!existsSync(rig.state)) return "";
  return readdirSync(rig.state, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

/** Runs it, and looks for the address everywhere. */
async function run(args: readonly string[], given = url) {
  const ended = await rig.run(args, { env: { SLACK_WEBHOOK: given } });
  const all = `${ended.stdout}\n${ended.stderr}\n${kept()}`;
  expect(all).not.toMatch(/violet|T0001ABCD|amber/);
  expect(all).not.toContain(Buffer.from(path).toString("base64").slice(0, 20));
  return ended;
}

test("what is sent to it is shown and kept by its name", async () => {
  rig.server.on(`GET ${path}`, { text: `you asked for ${path}` });
  rig.server.on(`POST ${path}`, { json: { sent: `${rig.server.url}${path}` } });
  const dry = await run(["run", "book", "--dry-run"]);
  expect(dry.stdout).toContain("http.post: POST $SLACK_WEBHOOK");
  expect((await run(["run", "book", "--dry-run", "--live"])).code).toBe(0);
  expect((await run(["show", "book"])).stdout).toContain("$SLACK_WEBHOOK");
  expect((await run(["show", "book", "--by-hand"])).stdout).toContain(' "$SLACK_WEBHOOK"');
  const asked = await run(["run", "book", "--no-input"]);
  expect(asked.code).toBe(3);
  expect(asked.stderr).toContain("sends POST to $SLACK_WEBHOOK");
  for (const more of [[], ["--json"], ["--verbose"]])
    expect((await run(["run", "book", "--yes", ...more])).code).toBe(0);
  expect(rig.server.requests.filter(({ method }) => method === "POST").map((one) => one.path)).toEqual([
    path,
    path,
    path,
  ]);
  expect(kept()).toContain("$SLACK_WEBHOOK");
});

test.each([
  [404, "no_service"],
  [500, "violet"],
])("a server that answers %i says nothing of it either", async (status, text) => {
  rig.server.on(`GET ${path}`, { text: "" });
  rig.server.on(`POST ${path}`, { status, text: text === "violet" ? `Cannot POST ${path}` : text });
  const { code, stderr } = await run(["run", "book", "--yes"]);
  expect(code).toBe(status === 404 ? 1 : 4);
  expect(stderr).toContain("$SLACK_WEBHOOK rejected the request");
});

test("one where nobody answers neither, nor its host", async () => {
  const port = await closedPort();
  for (const host of [`127.0.0.1:${port}`, "violet-host.invalid"]) {
    for (const more of [[], ["--json"]]) {
      const { stdout, stderr } = await run(["run", "book", "--yes", ...more], `http://${host}${path}`);
      expect(stdout + stderr).toContain("$SLACK_WEBHOOK does not answer");
      expect(stdout + stderr + kept()).not.toContain(host);
    }
  }
});

test.each([
  ["hooks.example/violet", "is not an absolute http or https URL"],
  ["ftp://hooks.example/violet", "is not an absolute http or https URL"],
  ["https://violet:amber@hooks.example/x", "contains a login; send it in a header"],
  ["https://hooks.example/violet amber", "has a blank in it, which no URL has"],
])("%s is refused at the door by its name", async (given, why) => {
  const { code, stdout, stderr } = await run(["run", "book", "--yes"], given);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(`the secret SLACK_WEBHOOK ${why}`);
  expect(rig.server.requests).toEqual([]);
});
