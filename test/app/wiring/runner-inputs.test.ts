/** faults 0.7: what the platform file names for Compose is there before a run begins, and is never shown. */
import { chmodSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { container, fakeEngine } from "../../drivers/compose/fake-engine.ts";
import { Rig } from "../../cli/rig.ts";

let rig: Rig;
beforeEach(async () => void (rig = await Rig.create()));
afterEach(async () => await rig[Symbol.asyncDispose]());

const recreate = "steps:\n  - service.recreate: web\n";
const key = "live-key-4711";

function platform(compose: string, engine = "tcp://127.0.0.1:1"): void {
  rig.file(
    "runbooks/platform.yaml",
    `platform: rig
services: { web: "http://127.0.0.1:1" }
docker: { host: "${engine}" }
compose:
  project: p
  files: [compose.yaml]
${compose}`,
  );
}

describe("faults 0.7: a run that makes containers is refused", () => {
  test.each([
    ["not set", {}],
    ["blank", { API_KEY: "" }],
  ])("where a named variable is %s, by name and place, and nothing is written", async (is, env) => {
    platform("  environment: [API_KEY]\n");
    rig.runbook("one", recreate);
    const { code, stderr, stdout } = await rig.run(["run", "one", "--yes"], { env });
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(
      `runbooks/platform.yaml:7:16: Compose needs the variable API_KEY, which is ${is}; export API_KEY`,
    );
  });

  test("where a file of them is not there, or others may change it", async () => {
    platform("  env_file: [own.env, none.env]\n");
    rig.file("runbooks/own.env", "API_KEY=x\n");
    chmodSync(join(rig.folder, "runbooks/own.env"), 0o666);
    rig.runbook("one", recreate);
    const { code, stderr } = await rig.run(["run", "one", "--yes"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/platform\.yaml:7:13: .*own\.env.*everybody can write to it; chmod go-w/);
    expect(stderr).toMatch(/platform\.yaml:7:13: .*none\.env/);
  });

  test("where a name is none, by its place in the platform file", async () => {
    platform("  environment: [API KEY]\n");
    rig.runbook("one", recreate);
    const { code, stderr } = await rig.run(["run", "one", "--yes"]);
    expect(code).toBe(2);
    expect(stderr).toContain("platform.yaml:7:17: environment must be a variable's name");
  });

  test("and one that makes none is not", async () => {
    platform("  environment: [API_KEY]\n  env_file: none.env\n");
    rig.runbook("one", "steps:\n  - exec.read: { command: [hostname] }\n");
    const { code, stderr } = await rig.run(["run", "one", "--yes"]);
    expect(stderr).not.toContain("API_KEY");
    expect(code).toBe(0);
  });
});

test("faults 0.7: a variable's value reaches Compose, and neither terminal, journal nor failure", async () => {
  const engine = await fakeEngine({
    "/containers/json": [{ Id: "a" }],
    "/containers/a/json": container("a"),
    "/volumes": { Volumes: [] },
  });
  await using _ = engine.server;
  platform("  environment: [API_KEY]\n  program: [./fake-compose]\n", engine.host);
  rig.file(
    "fake-compose",
    `#!/bin/sh
case " $* " in *" config "*) echo "services: {web: {image: i, environment: {KEY: '$API_KEY'}}}"; exit 0;; esac
echo "cannot start with KEY=$API_KEY of $OTHER." >&2; exit 3
`,
  );
  chmodSync(join(rig.folder, "fake-compose"), 0o755);
  rig.runbook("one", recreate);
  const env = { API_KEY: key, OTHER: "not-for-compose" };
  const { stdout, stderr, code } = await rig.run(["run", "one", "--yes"], { env });
  expect(code).not.toBe(0);
  const said = stdout + stderr + everything(rig.state);
  expect(said).toContain("environment KEY is added");
  expect(said).toContain("cannot start with");
  expect(said).not.toContain(key);
  expect(said).not.toContain("not-for-compose");
});

function everything(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}
