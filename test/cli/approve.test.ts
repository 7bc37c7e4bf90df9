import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { approvers, keygen, lend, person, save, type Person } from "./people.ts";
import { only, outcome, Rig, type Ended, type Line, type Started } from "./rig.ts";

let rig: Rig;
let alice: Person;
let bob: Person;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook("book", book);
  rig.server.on("POST /act", 200).on("GET /state", { json: { size: 7 } });
  [alice, bob] = [person(rig, "alice"), person(rig, "bob")];
  approvers(rig, [alice, bob]);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const book = `
title: Act on the market
service: market
steps:
  - { id: act, approvers: 2, "http.post": { url: "\${service.url}/act", before: "\${service.url}/state" } }
`;

const nothing: { readonly data: Readonly<Record<string, unknown>> } = { data: {} };

/** What it would do depends on what is there. */
const moving = `
title: Act on the market
service: market
steps:
  - { id: state, "http.get": "\${service.url}/state" }
  - { id: act, approvers: 2, "http.post": { url: "\${service.url}/act", json: { size: "\${steps.state.json.size}" } } }
`;

interface Asked {
  readonly run: string;
  readonly request: string;
  readonly path: string;
  readonly text: string;
  readonly digest: string;
}

function askedIn(ended: Ended): Asked {
  const { run, request, path, text, digest } = only(ended, "approval.requested");
  return {
    run: String(run),
    request: String(request),
    path: String(path),
    text: String(text),
    digest: String(digest),
  };
}

/** Alice runs it without a terminal: it stops, and says what a second person is to do. */
async function ask(): Promise<Asked> {
  const ended = await rig.run(["run", "book", "--yes", "--json"], { env: alice.env });
  expect([ended.code, outcome(ended), rig.server.changes()]).toEqual([3, "approval-needed", []]);
  return askedIn(ended);
}

/** Alice's run, waiting for the file. */
async function waiting(): Promise<{
  readonly asked: Asked;
  readonly file: string;
  readonly started: Started;
}> {
  const file = join(rig.folder, "approval.txt");
  const started = rig.start(["run", "book", "--yes", "--json", "--approval", file], { env: alice.env });
  // A journal that is there may have nothing in it yet.
  const written = (): string =>
    existsSync(join(rig.state, "runs")) && rig.runs().length > 0 && existsSync(rig.journal())
      ? readFileSync(rig.journal(), "utf8")
      : "";
  await waitFor(() => written().endsWith("\n") && written().includes('"approval.requested"'));
  const { data } = rig.records().findLast(({ type }) => type === "approval.requested") ?? nothing;
  const [request, path, text, digest] = ["request", "path", "text", "digest"].map((name) =>
    String(data[name]),
  );
  const asked = { run: "", request: request ?? "", path: path ?? "", text: text ?? "", digest: digest ?? "" };
  return { asked, file, started };
}

async function sign(asked: Asked, who: Person, ...more: readonly string[]): Promise<Ended> {
  const args = ["approve", asked.path, "--approve", asked.digest, ...more];
  return await rig.run(args, { env: who.env });
}

/** The line that the second person gives back. */
async function signed(asked: Asked, who: Person): Promise<string> {
  const ended = await sign(asked, who);
  expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining(asked.digest)]);
  return ended.stdout;
}

async function goOn(asked: Asked, line: string, env = alice.env): Promise<Ended> {
  const file = save(rig, "approval.txt", line);
  return await rig.run(["resume", asked.run, "--yes", "--json", "--approval", file], { env });
}

function refusals(ended: Ended): readonly unknown[] {
  const refused = ended.lines.filter(
    (line: Line) => line.type === "approval" && line["decision"] === "refused",
  );
  return refused.map((line) => line["message"]);
}

/** Nothing changed, and this is why. */
function refusedFor(ended: Ended, why: string): void {
  expect(refusals(ended)).toEqual([expect.stringContaining(why)]);
  expect([ended.code, rig.server.changes()]).toEqual([3, []]);
}

describe("a step that takes two people", () => {
  test("stops without a second person, and goes on with their signature; both are on record", async () => {
    const asked = await ask();
    expect(asked.text).toContain("requester: alice\n");
    expect(asked.text).toContain("step: act\n");
    expect(asked.text).toContain('/state answers 200 {"size":7}');
    expect(readFileSync(asked.path, "utf8")).toBe(asked.text);
    const ended = await goOn(asked, await signed(asked, bob));
    expect([ended.code, outcome(ended), rig.server.changes().length]).toEqual([0, "completed", 1]);
    const given = rig
      .records()
      .filter(({ type, data }) => type === "approval" && data["decision"] === "granted");
    expect(given.map(({ data }) => [data["how"], data["digest"], data["approver"]])).toEqual([
      ["--yes", asked.digest, undefined],
      ["--yes", asked.digest, undefined],
      ["second-person", asked.digest, "bob"],
    ]);
    // Offline, from the journal alone.
    const verified = await rig.run(["approve", "--verify", rig.journal()]);
    expect([verified.code, verified.stdout]).toEqual([
      0,
      `${asked.request}  act: requested by alice, signed by alice, approved by bob with ${bob.fingerprint}\n`,
    ]);
    const kept = join(rig.journal(), "..", `${asked.request}.approved.txt`);
    expect((await rig.run(["approve", "--verify", kept])).code).toBe(0);
    // A snapshot holds both: whoever has it can check who agreed.
    const taken = await rig.run(["snapshot", "--only", "journal.records,runs.files", "--json"]);
    const args = ["-xzOf", String(only(taken, "snapshot.sealed")["path"]), "--wildcards"];
    const copy = execFileSync("tar", [...args, `*/data/runs/${asked.run}/${asked.request}.approved.txt`]);
    expect((await rig.run(["approve", "--verify", save(rig, "copy.txt", String(copy))])).code).toBe(0);
  });

  test("takes the approval in the same process, when it comes in the file that was named", async () => {
    const { asked, file, started } = await waiting();
    const path = save(rig, "pasted.txt", `> ${asked.text.replaceAll("\n", "\r\n> ")}`);
    writeFileSync(file, await signed({ ...asked, path }, bob));
    expect([(await started.ended).code, rig.server.changes().length]).toEqual([0, 1]);
  });

  test("takes the approval that approve put beside the request", async () => {
    const { asked, started } = await waiting();
    const ended = await sign(asked, bob);
    const beside = asked.path.replace("request.txt", "approval.txt");
    expect(ended.stderr).toContain(`alice's run finds it in ${beside}`);
    expect([(await started.ended).code, rig.server.changes().length]).toEqual([0, 1]);
  });

  test("is refused before anything runs where the platform lists no approvers", async () => {
    approvers(rig, []);
    const ended = await rig.run(["run", "book", "--yes"], { env: alice.env });
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining("lists no approvers")]);
  });
});

describe("in a rung", () => {
  const quick = "{ findings: all, every: 20ms, within: 100ms, hold: 0s }";
  const two = (more: string) => `
service: market
diagnose:
  - { id: health, title: It answers, "http.get": "\${service.url}/health", expect: status == 200 }
resolve:
  - rung: close
    title: Close the positions
    steps:
      - { id: act, approvers: 2, "http.post": { url: "\${service.url}/act", json: { position: 1 } } }
      - { id: more, approvers: 2, approved_with: act, "http.post": { url: "\${service.url}/act", json: { position: 2 } } }
    verify: ${quick}
${more}`;
  const restart = `  - rung: restart
    title: Restart it
    steps: [{ id: restart, title: Restart, "http.post": "\${service.url}/restart" }]
    verify: ${quick}
`;

  test("one signature is good for the later steps that it lists, and the ladder goes on", async () => {
    rig.runbook("book", two(""));
    rig.server.on("GET /health", 503);
    const asked = await ask();
    expect(asked.text).toMatch(/^also: more: .*POST .*\/act/m);
    const line = await signed(asked, bob);
    rig.server.mendedBy("POST /act");
    const ended = await goOn(asked, line);
    expect([ended.code, outcome(ended), rig.server.changes().length]).toEqual([0, "resolved", 2]);
  });

  test("is left out, and the next one climbed, where the platform lists no approvers", async () => {
    approvers(rig, []);
    rig.runbook("book", two(restart));
    rig.server.on("GET /health", 503).mendedBy("POST /restart");
    const ended = await rig.run(["run", "book", "--yes", "--json"], { env: alice.env });
    const rungs = ended.lines.filter(({ type }) => type === "rung.finished");
    expect(rungs.map(({ rung, outcome, message }) => [rung, outcome, message])).toEqual([
      ["close", "skipped", expect.stringMatching(/^act needs a second person, but .* lists no approvers$/)],
      ["restart", "held", expect.anything()],
    ]);
    expect([ended.code, rig.server.changes().map(({ path }) => path)]).toEqual([0, ["/restart"]]);
  });

  test("is refused before anything runs where no rung could be climbed without a second person", async () => {
    approvers(rig, []);
    rig.runbook("book", two(""));
    const ended = await rig.run(["run", "book", "--yes"], { env: alice.env });
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining("lists no approvers")]);
  });
});

describe("an approval is refused", () => {
  test("when the one who asked signs it, by their login", async () => {
    const asked = await ask();
    const own = await sign(asked, alice);
    expect([own.code, own.stderr]).toEqual([
      3,
      expect.stringContaining("same person twice: alice requested"),
    ]);
    // Alice's login with bob's key.
    lend(bob, alice);
    const lent = await sign(asked, alice);
    expect([lent.code, lent.stderr]).toEqual([
      3,
      expect.stringContaining("same person twice: alice requested"),
    ]);
  });

  test("when it is signed with a key of the one who asked, from another login", async () => {
    const asked = await ask();
    // A list that lets the key through on the second person's machine does not let it through on ours.
    approvers(rig, [{ ...alice, login: "carol" }, bob]);
    const carol = { ...alice, env: { HOME: alice.home, SUDO_USER: "carol" } };
    const ended = await sign(asked, carol);
    expect([ended.code, ended.stderr]).toEqual([
      3,
      expect.stringContaining("twice: carol is the requester, as alice"),
    ]);
  });

  test("when it comes from nobody on the list", async () => {
    const mallory = person(rig, "mallory");
    const asked = await ask();
    const ended = await sign(asked, mallory);
    expect([ended.code, ended.stderr]).toEqual([
      2,
      expect.stringContaining("mallory has no key of an approver"),
    ]);
    // Her own list lets her sign; ours does not know her.
    const hers = platformWith([alice, bob, mallory]);
    const line = (await sign(asked, mallory, "--config", hers)).stdout;
    refusedFor(await goOn(asked, line), "mallory is not an approver");
  });

  test("when the key was taken from the list while it was waited for", async () => {
    const { asked, file, started } = await waiting();
    // A copy: beside the request the run would find the approval at once.
    const line = await signed({ ...asked, path: save(rig, "copy.txt", asked.text) }, bob);
    keygen("-q", "-t", "ed25519", "-N", "", "-f", `${bob.key}-new`);
    const publicKey = readFileSync(`${bob.key}-new.pub`, "utf8").trim();
    approvers(rig, [alice, { ...bob, publicKey }]);
    writeFileSync(file, line);
    refusedFor(await started.ended, `the key ${bob.fingerprint} is not, or no longer, a key of bob`);
  });

  test("when it has expired", async () => {
    rig.runbook("book", book.replace("approvers: 2", "approvers: 2, expires: 1s"));
    const asked = await ask();
    await waitFor(() => Date.now() > Date.parse(/expires: (\S+)/.exec(asked.text)?.[1] ?? ""));
    const late = await sign(asked, bob);
    expect([late.code, late.stderr]).toEqual([
      3,
      expect.stringMatching(/APR-\w+ expired at .*; ask for a new one/),
    ]);
    // Waiting for one ends with it, too.
    const ended = await rig.run(["run", "book", "--yes", "--json", "--approval", "none.txt"], {
      env: alice.env,
    });
    refusedFor(ended, "without an approval");
  });

  test("when what it touches has moved: then it is asked for anew", async () => {
    rig.runbook("book", moving);
    const asked = await ask();
    const line = await signed(asked, bob);
    rig.server.on("GET /state", { json: { size: 8 } });
    const file = save(rig, "approval.txt", line);
    const started = rig.start(["resume", asked.run, "--yes", "--json", "--approval", file], {
      env: alice.env,
    });
    await waitFor(() => rig.records().some(({ data }) => data["decision"] === "refused"));
    const { data } = rig.records().findLast(({ type }) => type === "approval.requested") ?? nothing;
    expect(data["request"]).not.toBe(asked.request);
    const path = save(rig, "new.txt", String(data["text"]));
    writeFileSync(file, await signed({ ...asked, path, digest: String(data["digest"]) }, bob));
    const ended = await started.ended;
    expect(refusals(ended)).toEqual([
      expect.stringContaining("is void: what the step would change has moved"),
    ]);
    expect([ended.code, rig.server.changes().length]).toEqual([0, 1]);
  });

  test("when the request or the approval was changed on its way", async () => {
    const asked = await ask();
    const path = save(rig, "changed.txt", asked.text.replace("step: act", "step: acts"));
    const changed = await sign({ ...asked, path }, bob);
    expect([changed.code, changed.stderr]).toEqual([
      2,
      expect.stringContaining("its checksum does not match"),
    ]);
    const line = await signed(asked, bob);
    const [mark, version, statement = "", signature] = line.trim().split(".");
    const said = Buffer.from(statement, "base64url").toString();
    const other = Buffer.from(said.replace("login: bob", "login: ted")).toString("base64url");
    const ended = await goOn(asked, [mark, version, other, signature, ""].join("."));
    refusedFor(ended, "was changed after it was signed");
    // The request is still open: the true one is taken.
    expect((await goOn(asked, line)).code).toBe(0);
  });

  test("when the signature was made for something else", async () => {
    const asked = await ask();
    const line = await signed(asked, bob);
    const message = save(rig, "message", "whatever");
    keygen("-q", "-Y", "sign", "-n", "file", "-f", bob.key, message);
    const armour = readFileSync(`${message}.sig`, "utf8");
    const blob = armour.replaceAll(/-----.*-----|\s/g, "");
    const [mark, version, statement] = line.trim().split(".");
    const forged = Buffer.from(blob, "base64").toString("base64url");
    const ended = await goOn(asked, [mark, version, statement, forged, ""].join("."));
    refusedFor(ended, "the signature is for file, not for lav-ir-approval");
  });

  test("when it was used before, in this run or in another", async () => {
    rig.runbook("book", `${book}${book.split("\n").at(-2)?.replace("id: act", "id: again") ?? ""}\n`);
    const asked = await ask();
    const line = await signed(asked, bob);
    const file = save(rig, "approval.txt", line);
    const started = rig.start(["resume", asked.run, "--yes", "--json", "--approval", file], {
      env: alice.env,
    });
    // The second step finds the first one's in the file, says so, and waits on.
    await waitFor(() => rig.records().some(({ data }) => data["decision"] === "refused"));
    started.kill("SIGTERM");
    const ended = await started.ended;
    expect(refusals(ended)).toEqual([expect.stringContaining("was already used: an approval is valid once")]);
    expect(rig.server.changes().length).toBe(1);
    const another = await rig.run(["run", "book", "--yes", "--json", "--approval", file], { env: alice.env });
    expect(refusals(another)).toEqual([
      expect.stringContaining(`for ${asked.request}, but the open request is`),
    ]);
    expect([another.code, rig.server.changes().length]).toEqual([3, 1]);
  });
});

test("a second person without a terminal signs by the digest, and only by the right one", async () => {
  const asked = await ask();
  const none = await rig.run(["approve", asked.path], { env: bob.env });
  expect([none.code, none.stdout, none.stderr]).toEqual([
    3,
    "",
    expect.stringContaining(`pass --approve ${asked.digest}`),
  ]);
  const wrong = await rig.run(["approve", asked.path, "--approve", "f".repeat(64)], { env: bob.env });
  expect([wrong.code, wrong.stdout]).toEqual([3, ""]);
});

test("a journal whose approval was exchanged does not verify", async () => {
  const asked = await ask();
  await goOn(asked, await signed(asked, bob));
  approvers(rig, [alice]);
  const gone = await rig.run(["approve", "--verify", rig.journal()]);
  expect([gone.code, gone.stdout]).toEqual([1, expect.stringContaining("NOT VALID: bob is not an approver")]);
  const text = readFileSync(rig.journal(), "utf8");
  writeFileSync(rig.journal(), text.replace('"requester":"alice"', '"requester":"carol"'));
  const changed = await rig.run(["approve", "--verify", rig.journal()]);
  expect([changed.code, changed.stderr]).toEqual([
    1,
    expect.stringContaining("was changed after it was written"),
  ]);
});

function platformWith(people: readonly Person[]): string {
  approvers(rig, people);
  const text = readFileSync(join(rig.folder, "runbooks", "platform.yaml"), "utf8");
  approvers(rig, [alice, bob]);
  return save(rig, `platform-${people.map(({ login }) => login).join("-")}.yaml`, text);
}

async function waitFor(there: () => boolean): Promise<void> {
  while (!there()) await new Promise((resolve) => setTimeout(resolve, 50));
}

test("faults 0.2: the second person needs no platform file; the run's own list decides", async () => {
  const asked = await ask();
  const file = join(rig.folder, "runbooks/platform.yaml");
  const platform = readFileSync(file, "utf8");
  rmSync(file);
  const given = await sign(asked, bob);
  expect([given.code, given.stderr]).toEqual([0, expect.stringContaining("NOT CHECKED (no platform file)")]);
  const itself = await sign(asked, alice);
  expect([itself.code, itself.stdout]).toEqual([3, ""]);
  const another = await sign(asked, bob, "--as", "nobody-of-the-list");
  writeFileSync(file, platform, { mode: 0o644 });
  const refused = await goOn(asked, another.stdout);
  expect([refused.code, rig.server.changes()]).toEqual([3, []]);
  const gone = await goOn(asked, given.stdout);
  expect(gone.code, gone.stderr).toBe(0);
});
