import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { approvers, keygen, person, save, type Person } from "./people.ts";
import { only, Rig, type Ended } from "./rig.ts";
import { enter, Screen } from "./screen.ts";

// Where the keys of the two people are, and whose they are.

let rig: Rig;
let alice: Person;
let bob: Person;
let agent: ChildProcess | undefined;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook("book", book);
  rig.server.on("POST /act", 200).on("GET /state", { json: { size: 7 } });
  [alice, bob] = [person(rig, "alice"), person(rig, "bob")];
  approvers(rig, [alice, bob]);
});
afterEach(async () => {
  agent?.kill();
  agent = undefined;
  await rig[Symbol.asyncDispose]();
});

const book = `
title: Act on the market
service: market
steps:
  - { id: act, approvers: 2, "http.post": { url: "\${service.url}/act", before: "\${service.url}/state" } }
`;

interface Asked {
  readonly run: string;
  readonly path: string;
  readonly text: string;
  readonly digest: string;
}

async function ask(env = alice.env, ...more: readonly string[]): Promise<Asked> {
  const ended = await rig.run(["run", "book", "--yes", "--json", ...more], { env });
  const { run, path, text, digest } = only(ended, "approval.requested");
  const copy = save(rig, "sent.txt", String(text));
  expect(existsSync(String(path))).toBe(true);
  return { run: String(run), path: copy, text: String(text), digest: String(digest) };
}

async function sign({ path, digest }: Asked, env: Person["env"], ...more: readonly string[]): Promise<Ended> {
  return await rig.run(["approve", path, "--approve", digest, ...more], { env });
}

async function goOn({ run }: Asked, line: string): Promise<Ended> {
  const file = save(rig, "approval.txt", line);
  return await rig.run(["resume", run, "--yes", "--json", "--approval", file], { env: alice.env });
}

/** An agent of its own that holds this person's key, which is then nowhere else. */
async function inAgent({ key }: Person): Promise<string> {
  const socket = join(rig.folder, "agent");
  agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "pipe"] });
  await once(agent.stdout ?? agent, "data");
  const add = spawn("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  expect(await once(add, "close")).toEqual([0, null]);
  for (const end of ["", ".pub"]) rmSync(`${key}${end}`);
  return socket;
}

/** The key is behind a passphrase from now on. */
function lock({ key }: Person, passphrase: string): void {
  keygen("-q", "-p", "-P", "", "-N", passphrase, "-f", key);
}

describe("a second person's key", () => {
  test("that only an agent holds signs, and is the one that is named", async () => {
    const asked = await ask();
    const signed = await sign(asked, { ...bob.env, SSH_AUTH_SOCK: await inAgent(bob) });
    expect([signed.code, signed.stdout]).toEqual([0, expect.stringMatching(/^lav-ir-approval\.1\./)]);
    expect([(await goOn(asked, signed.stdout)).code, rig.server.changes().length]).toEqual([0, 1]);
    expect(rig.records().find(({ data }) => data["how"] === "second-person")?.data).toMatchObject({
      approver: "bob",
      fingerprint: bob.fingerprint,
    });
  });

  test("behind a passphrase, and no terminal to ask for it at: said at once, and nothing signed", async () => {
    lock(bob, "tell nobody");
    const asked = await ask();
    // A window that would pop up somewhere is no terminal either.
    const ended = await sign(asked, { ...bob.env, DISPLAY: ":9", SSH_ASKPASS: "/bin/sleep" });
    expect([ended.code, ended.stdout, ended.stderr]).toEqual([
      2,
      "",
      expect.stringContaining(
        `the key ${bob.fingerprint} needs a passphrase, and there is no terminal to ask for it; run ssh-add`,
      ),
    ]);
    rmSync(`${bob.key}.pub`);
    const alone = await sign(asked, bob.env, "--key", bob.key);
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining("needs a passphrase")]);
  });

  test("behind a passphrase is unlocked at the terminal, by ssh-keygen itself", async () => {
    lock(bob, "tell nobody");
    const asked = await ask();
    using screen = new Screen(rig, ["approve", asked.path], { columns: 160, rows: 60, env: bob.env });
    await screen.shows("Type act to sign it as bob");
    screen.type(`act${enter}`);
    await screen.shows("Enter passphrase");
    screen.type(`tell nobody${enter}`);
    const { code, text } = await screen.ended;
    expect([code, text]).toEqual([0, expect.stringContaining("lav-ir-approval.1.")]);
    expect(text).not.toContain("tell nobody");
    const line = /lav-ir-approval\.1\.[\w-]+\.[\w-]+\./.exec(text)?.[0] ?? "";
    expect([(await goOn(asked, line)).code, rig.server.changes().length]).toEqual([0, 1]);
  });

  test("whose private half is somewhere else is named", async () => {
    renameSync(bob.key, `${bob.key}.away`);
    const ended = await sign(await ask(), bob.env);
    expect([ended.code, ended.stderr]).toEqual([
      2,
      expect.stringContaining(`the private half of ${bob.fingerprint} is neither in the agent nor beside`),
    ]);
  });
});

describe("who asks", () => {
  test("signs the request, where the list has a key of theirs that asks nobody", async () => {
    const asked = await ask();
    expect(asked.text).toContain(`signed-by: alice\nsigned-with: ${alice.fingerprint}\n`);
    const ended = await sign(asked, bob.env);
    expect(ended.stderr).toContain(`signed by alice with ${alice.fingerprint}, as alice on `);
    lock(alice, "tell nobody");
    const plain = await ask();
    expect(plain.text).not.toContain("signed-by");
    expect((await sign(plain, bob.env)).stderr).toContain(
      "NOT SIGNED by the requester: make sure that it is from alice",
    );
  });

  test("is the same person by their key, whatever they are called and whichever of their keys they take", async () => {
    keygen("-q", "-t", "ed25519", "-N", "", "-f", join(alice.home, "second"));
    const own = [alice.publicKey, keygen("-y", "-f", join(alice.home, "second")).trim()];
    rig.platform(`approvers:\n  alice: [${own.join(", ")}]\n  bob: [${bob.publicKey}]\n`);
    // Alice asks as somebody else, and signs as herself with another key.
    const asked = await ask({ ...alice.env, SUDO_USER: "night-desk" });
    expect(asked.text).toContain("requester: night-desk\n");
    const ended = await sign(asked, alice.env, "--key", join(alice.home, "second"));
    expect([ended.code, ended.stderr]).toEqual([
      3,
      expect.stringContaining("same person twice: alice is the requester, as night-desk"),
    ]);
    expect((await goOn(asked, (await sign(asked, bob.env)).stdout)).code).toBe(0);
  });

  test("cannot be made somebody else: by a list of one's own, or by a changed block", async () => {
    const mallory = person(rig, "mallory");
    const hers = join(rig.folder, "hers.yaml");
    approvers(rig, [{ ...mallory, login: "alice" }, bob]);
    renameSync(join(rig.folder, "runbooks/platform.yaml"), hers);
    approvers(rig, [alice, bob]);
    const asked = await ask(mallory.env, "--config", hers);
    expect(asked.text).toContain("signed-by: alice");
    const refused = await sign(asked, bob.env);
    expect([refused.code, refused.stdout, refused.stderr]).toEqual([
      2,
      "",
      expect.stringMatching(/do not sign: the request is signed with the key \S+, which is not/),
    ]);
    const real = await ask();
    const path = save(rig, "changed.txt", real.text.replace(/signature: \S{6}/, "signature: AAAAAA"));
    const changed = await sign({ ...real, path }, bob.env);
    expect([changed.code, changed.stderr]).toEqual([2, expect.stringContaining("is damaged: its checksum")]);
  });
});
