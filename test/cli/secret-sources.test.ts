/** Secrets of the platform file: from a file or a command, read once, before anything ran, and shown nowhere. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HaltWorld } from "./halt-world.ts";
import { Rig } from "./rig.ts";

const secret = "violet-harbour-17";
const steps = `
service: market
secrets: [RIG_TOKEN]
steps:
  - http.post: { url: "\${service.url}/act", headers: { authorization: "\${secrets.RIG_TOKEN}" } }
`;

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.server.on("POST /act", { json: {} });
  rig.runbook("book", steps);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

function path(name: string): string {
  return join(rig.folder, "runbooks", name);
}

/** A program beside the platform file, which counts its runs. */
function program(script: string): void {
  writeFileSync(path("op"), `#!/bin/sh\necho run >>runs\n${script}\n`);
  chmodSync(path("op"), 0o755);
}

function runs(): number {
  return existsSync(path("runs")) ? readFileSync(path("runs"), "utf8").split("\n").length - 1 : 0;
}

async function refused(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await rig.run(args.length === 0 ? ["run", "book", "--yes"] : args);
  expect([code, stdout]).toEqual([2, ""]);
  expect(rig.server.requests).toEqual([]);
  expect(stderr).not.toContain("sEcret");
  return stderr;
}

async function authorization(env: Record<string, string> = {}): Promise<string | undefined> {
  const { code, stdout, stderr } = await rig.run(["run", "book", "--yes"], { env });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  expect(stdout + stderr).not.toContain(secret);
  return rig.server.requests.at(-1)?.authorization;
}

test("a command's output is the secret, without the line break at its end", async () => {
  rig.platform("secrets: { RIG_TOKEN: { command: [./op, read] } }");
  program(`echo ${secret}`);
  expect(await authorization()).toBe(secret);
  expect(runs()).toBe(1);
});

test("the variable goes first, then the file that it names, then the platform file; a blank one is none", async () => {
  rig.platform("secrets: { RIG_TOKEN: { file: token } }");
  writeFileSync(path("token"), `${secret}\n`);
  writeFileSync(join(rig.folder, "other"), "amber-harbour-18\n");
  expect(await authorization()).toBe(secret);
  expect(await authorization({ RIG_TOKEN: " " })).toBe(secret);
  expect(await authorization({ RIG_TOKEN_FILE: "other" })).toBe("amber-harbour-18");
  expect(await authorization({ RIG_TOKEN: "green-harbour-19", RIG_TOKEN_FILE: "other" })).toBe(
    "green-harbour-19",
  );
});

describe("what cannot be had is refused by name, before anything ran", () => {
  test.each([
    ["exit 1", "cannot read the secret RIG_TOKEN from the command ./op: it exited with 1"],
    ["echo sEcret; echo sEcret-2", "the command ./op: it contains a line break (U+000A)"],
    ["echo sEcret", "the secret RIG_TOKEN has 6 characters; with fewer than 8"],
    ["echo password", "the secret RIG_TOKEN is a common word"],
    ["exit 0", "the command ./op: it printed nothing"],
  ])("%s", async (script, says) => {
    rig.platform("secrets: { RIG_TOKEN: { command: [./op] } }");
    program(script);
    expect(await refused()).toContain(says);
  });

  test.each([
    ["", "the secret RIG_TOKEN is blank in /"],
    ["sEcret-1\nsEcret-2", "it contains a line break (U+000A)"],
    ["s".repeat(65 * 1024), "it is longer than 64 KiB"],
  ])("a file of %j", async (text, says) => {
    rig.platform("secrets: { RIG_TOKEN: { file: token } }");
    writeFileSync(path("token"), text);
    expect(await refused()).toContain(says);
  });

  test("a file that is not there", async () => {
    rig.platform("secrets: { RIG_TOKEN: { file: nowhere } }");
    expect(await refused()).toContain(
      `cannot read the secret RIG_TOKEN from ${path("nowhere")}: there is no such file`,
    );
  });
});

test("nothing that only looks asks a command, nor whoever declares", async () => {
  rig.platform(
    "kafka: { brokers: [127.0.0.1:1], tls: false, sasl: { mechanism: PLAIN, user: u, password: RIG_TOKEN } }\n" +
      "secrets: { RIG_TOKEN: { command: [./op] } }",
  );
  program(`echo ${secret}`);
  for (const args of [
    ["lint", "runbooks/book.yaml"],
    ["lint", "runbooks/platform.yaml"],
    ["show", "book"],
    ["run", "book", "--dry-run"],
    ["explain", "http.post"],
    ["list"],
    ["--version"],
    ["declare", "P3", "impact"],
    ["note", "text"],
    ["status"],
    ["snapshot", "--plan"],
  ]) {
    const { code, stderr } = await rig.run(args);
    expect([args, code, stderr]).toEqual([args, 0, expect.any(String)]);
  }
  expect(runs()).toBe(0);
});

test("a platform file that somebody else could change runs nothing", async () => {
  rig.platform("secrets: { RIG_TOKEN: { command: [./op] } }");
  program(`echo ${secret}`);
  chmodSync(path("platform.yaml"), 0o666);
  expect(await refused()).toContain("everybody can write to it");
  expect(await refused("run", "book", "--dry-run", "--live")).toContain("everybody can write to it");
  expect(runs()).toBe(0);
});

test("a runbook and a store's login get it of one run of the command", async () => {
  rig.runbook("book", steps.replace("steps:\n", "steps:\n  - { when: run.id == '', kafka.ping: {} }\n"));
  rig.platform(
    "kafka: { brokers: [127.0.0.1:1], tls: false, sasl: { mechanism: PLAIN, user: u, password: RIG_TOKEN } }\n" +
      "secrets: { RIG_TOKEN: { command: [./op] } }",
  );
  program(`echo ${secret}`);
  expect(await authorization()).toBe(secret);
  expect(runs()).toBe(1);
});

test("a store's login that its command does not give is refused at its place", async () => {
  rig.runbook("book", steps.replace("steps:\n", "steps:\n  - { when: run.id == '', kafka.ping: {} }\n"));
  rig.platform(
    "kafka: { brokers: [127.0.0.1:1], tls: false, sasl: { mechanism: PLAIN, user: u, password: KAFKA_PASSWORD } }\n" +
      "secrets: { KAFKA_PASSWORD: { command: [./op] } }",
  );
  program("exit 4");
  const said = await refused();
  expect(said).toMatch(
    /platform\.yaml:4:\d+: cannot read KAFKA_PASSWORD from the command \.\/op: it exited with 4/,
  );
});

test("a secret of the platform file is hidden, whatever shows it", async () => {
  rig.platform("secrets: { RIG_TOKEN: { command: [./op] } }");
  program(`echo ${secret}`);
  rig.server.on("POST /act", { status: 400, text: `who sent ${secret} to me` });
  const { stderr } = await rig.run(["run", "book", "--yes"]);
  expect(stderr).toContain("who sent ‹secret:known:");
  expect(stderr).not.toContain(secret);
});

test("a halt asks no command, and its proof goes without", async () => {
  await using world = await HaltWorld.inside(1);
  const file = join(world.rig.folder, "runbooks", "platform.yaml");
  const sasl = "sasl: { mechanism: PLAIN, user: u, password: KAFKA_PASSWORD }";
  const text = readFileSync(file, "utf8").replace(
    /^kafka:.*$/m,
    `kafka: { brokers: ["127.0.0.1:1"], tls: false, ${sasl} }`,
  );
  writeFileSync(
    file,
    `${text}\nsecrets: { KAFKA_PASSWORD: { command: [touch, "${world.rig.folder}/asked"] } }\n`,
  );
  const env = world.env();
  const { code, stderr } = await world.rig.run(["halt-all", "--reason", "a test", "--yes"], { env });
  expect([code, world.asked()]).toEqual([0, 1]);
  expect(stderr).toContain("cannot read KAFKA_PASSWORD from the platform file: a halt runs no command");
  expect(existsSync(join(world.rig.folder, "asked"))).toBe(false);
});
