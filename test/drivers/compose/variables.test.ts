/** faults 0.7: what Compose would leave blank, and what a new container would have otherwise, without an engine. */
import { describe, expect, test } from "vitest";
import { failureText } from "../../../src/base/failure.ts";
import type { Result } from "../../../src/base/result.ts";
import type { ProcessReply, ProcessRequest } from "../../../src/ports/ports.ts";
import { blanksIn, demandedIn } from "../../../src/drivers/compose/blank.ts";
import { definitionOf } from "../../../src/drivers/compose/definition.ts";
import { container, fakeEngine, never, program, services } from "./fake-engine.ts";

const warnsTwo = (name: string): string =>
  `time="2026-11-29T20:35:09Z" level=warning msg="The \\"${name}\\" variable is not set. Defaulting to a blank string."\n`;
const warnsOne = (name: string): string => `The ${name} variable is not set. Defaulting to a blank string.\n`;

type Defines = (request: ProcessRequest) => Partial<ProcessReply>;

/** What `config` says with a text put in for `${API_KEY}`, as long as nobody sets it. */
const withKey =
  (warning: (name: string) => string, text: (value: string) => string, hash?: string): Defines =>
  ({ env, command }) => {
    if (command.includes("--hash")) return { stdout: hash === undefined ? "" : `web ${hash}\n` };
    const value = env["API_KEY"];
    return { stdout: text(value ?? ""), stderr: value === undefined ? warning("API_KEY") : "" };
  };
const inEnvironment = (value: string): string =>
  `services:\n  web:\n    image: i\n    environment:\n      KEY: '${value}'\n`;

interface Config {
  readonly Env?: readonly string[];
  readonly hash?: string;
  readonly mounts?: readonly object[];
}

const web = ({ Env = [], hash = "h", mounts = [] }: Config): object =>
  container("a", {
    Image: "sha256:1",
    Mounts: mounts,
    Config: {
      Image: "i",
      Env,
      Labels: {
        "com.docker.compose.project": "p",
        "com.docker.compose.service": "web",
        "com.docker.compose.container-number": "1",
        "com.docker.compose.config-hash": hash,
      },
    },
  });

async function drift(defines: Defines, running?: Config) {
  const engine = await fakeEngine({
    "/containers/json": running === undefined ? [] : [{ Id: "a" }],
    "/containers/a/json": running === undefined ? undefined : web(running),
    "/images/sha256%3A1/json": { Config: { Env: ["PATH=/bin", "NODE_VERSION=22"] } },
  });
  await using _ = engine.server;
  const processes = program({}, defines);
  return await services(engine.host, processes).drift({ do: "recreate", service: "web" }, never);
}

function got<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.failure);
  return result.value;
}

async function refusal(defines: Defines, running?: Config): Promise<string> {
  const found = await drift(defines, running);
  if (found.ok) throw new Error(`not refused: ${JSON.stringify(found.value)}`);
  expect(found.failure).toMatchObject({ type: "rejected", code: "VARIABLE_NOT_SET", effect: "none" });
  return failureText(found.failure);
}

describe("faults 0.7: a variable that is not set", () => {
  test.each([
    ["2", warnsTwo],
    ["1.29", warnsOne],
  ])("is heard of from Compose %s, and refused where the container has a value", async (_, warns) => {
    const text = await refusal(withKey(warns, inEnvironment), { Env: ["KEY=live-secret"] });
    expect(text).toContain("API_KEY (its environment KEY)");
    expect(text).toContain("p-web-1");
    expect(text).toContain("service web of Compose project p");
    expect(text).toContain("compose.env_file");
    expect(text).not.toContain("live-secret");
  });

  test.each<[string, (value: string) => string, string]>([
    ["image", (value) => `services: {web: {image: 'i:${value}'}}`, "its image"],
    [
      "mount",
      (value) => `services: {web: {image: i, volumes: ['/srv/${value}:/data:rw']}}`,
      "its mount /data",
    ],
    ["command", (value) => `services: {web: {image: i, command: [a, '${value}']}}`, "its definition"],
    [
      "network's name",
      (value) => `services: {web: {image: i, networks: {n: null}}}\nnetworks: {n: {name: 'x${value}'}}`,
      "its definition",
    ],
  ])("is refused where it goes into the %s", async (_, text, where) => {
    expect(await refusal(withKey(warnsTwo, text), {})).toContain(`API_KEY (${where})`);
    expect(await refusal(withKey(warnsTwo, text))).toContain(`API_KEY (${where})`);
  });

  test("is refused without a container to compare with", async () => {
    expect(await refusal(withKey(warnsTwo, inEnvironment))).not.toContain("runs with");
  });

  test("is refused where nobody can say what it goes into", async () => {
    const defines: Defines = ({ env }) =>
      env["API_KEY"] === undefined
        ? { stdout: inEnvironment(""), stderr: warnsTwo("API_KEY") }
        : { exitCode: 15, stderr: "services.web.tty must be a boolean" };
    expect(await refusal(defines, { Env: ["KEY="] })).toContain("API_KEY (its definition)");
  });

  test("lets pass what runs with that very blank, by its value or by Compose's own hash", async () => {
    expect(await drift(withKey(warnsTwo, inEnvironment), { Env: ["KEY="] })).toMatchObject({ ok: true });
    const command = (value: string): string => `services: {web: {image: i, command: ['${value}']}}`;
    expect(await drift(withKey(warnsOne, command, "h"), {})).toMatchObject({ ok: true });
    expect(await refusal(withKey(warnsOne, command, "other"), {})).toContain("API_KEY");
  });

  test("lets pass one that only another service needs", async () => {
    const other = (value: string): string => `services: {web: {image: i}, db: {image: 'i:${value}'}}`;
    expect(await drift(withKey(warnsTwo, other), {})).toMatchObject({ ok: true });
  });

  test("passed on by name alone is refused where the container has it, and not where its image does", async () => {
    const defines: Defines = () => ({
      stdout: "services: {web: {image: i, environment: {TOKEN: null, PATH: null, NONE: null}}}",
    });
    const text = await refusal(defines, { Env: ["TOKEN=x", "PATH=/bin"] });
    expect(text).toContain("not set for Compose: TOKEN (its environment TOKEN).");
  });

  test.each([
    [
      "2",
      "error while interpolating services.web.image: required variable TAG is missing a value: set the tag\n",
    ],
    [
      "1.29",
      'Missing mandatory value for "image" option interpolating app:${TAG:?set the tag} in service "web": set the tag\n',
    ],
  ])("that the file demands is named (Compose %s)", async (_, stderr) => {
    expect(demandedIn(stderr)).toBe("TAG");
    const text = await refusal(() => ({ exitCode: 15, stderr }), {});
    expect(text).toContain("demands TAG");
  });

  test("is told once however often Compose says so, and nothing else is taken for it", () => {
    expect(blanksIn(warnsTwo("B") + warnsOne("A") + warnsTwo("B") + "The A variable is fine\n")).toEqual([
      "A",
      "B",
    ]);
  });
});

describe("faults 0.7: what cannot be resolved is not done", () => {
  test.each<[string, Partial<ProcessReply>, string]>([
    ["a failure", { exitCode: 15, stderr: "yaml: line 1: did not find" }, "exit"],
    ["no service of this name", { stdout: "services: {db: {image: i}}" }, "missing"],
    ["no YAML", { stdout: "services: [" }, "unreadable"],
    ["nothing at all", {}, "unreadable"],
    ["more than is read", { stdout: "services: {", stdoutBytes: 9 * 1024 * 1024 }, "overflow"],
  ])("%s", async (_, reply, type) => {
    expect(await drift(() => reply, {})).toMatchObject({ ok: false, failure: { type, effect: "none" } });
    const engine = await fakeEngine({ "/containers/json": [] });
    await using _server = engine.server;
    const processes = program({}, () => reply);
    const done = await services(engine.host, processes).recreate("web", never);
    expect(done).toMatchObject({ ok: false, failure: { type, effect: "none" } });
    expect(processes.asked).toEqual([]);
  });

  test("two files of variables for Compose 1.29, which would take the last for the only one", async () => {
    const engine = await fakeEngine({ "/containers/json": [] });
    await using _ = engine.server;
    const recreated = async (version: string) => {
      const processes = program({}, ({ command }) =>
        command.includes("version") ? { stdout: version } : { stdout: "services: {web: {image: i}}" },
      );
      const done = await services(engine.host, processes, ["/a", "/b"]).recreate("web", never);
      return { done, asked: processes.asked };
    };
    const one = await recreated("1.29.2\n");
    expect(one.done).toMatchObject({ ok: false, failure: { type: "argument", effect: "none" } });
    expect(one.asked).toEqual([]);
    const two = await recreated("2.26.1-4\n");
    expect(two.asked[0]?.command.join(" ")).toContain("--env-file /a --env-file /b up");
  });

  test("a scale that makes no container asks for no definition", async () => {
    const engine = await fakeEngine({ "/containers/json": [{ Id: "a" }], "/containers/a/json": web({}) });
    await using _ = engine.server;
    const processes = program({}, () => ({ exitCode: 1 }));
    const found = services(engine.host, processes);
    expect(await found.drift({ do: "scale", service: "web", replicas: 1 }, never)).toMatchObject({
      ok: true,
    });
    expect(await found.drift({ do: "scale", service: "web", replicas: 2 }, never)).toMatchObject({
      ok: false,
    });
  });
});

test("faults 0.7: Compose's own complaint has the names of an environment's values", async () => {
  const engine = await fakeEngine({ "/containers/json": [] });
  await using _ = engine.server;
  const stdout = "services: {web: {image: i, environment: {KEY: from-a-file-4711, PORT: '3000'}}}";
  const processes = program({ exitCode: 1, stderr: "bad from-a-file-4711 on port 3000" }, () => ({ stdout }));
  const done = await services(engine.host, processes).recreate("web", never);
  expect(done.ok ? "" : failureText(done.failure)).toMatch(/: bad ‹value of KEY› on port 3000$/);
});

describe("faults 0.7: what a new container has otherwise", () => {
  test("is told by name: image, environment, mounts; the image's own is nobody's", async () => {
    const stdout = `services:
  web:
    image: j:2
    environment: {SAME: a$$b, CHANGED: "1.10", ADDED: ""}
    volumes: [data:/data:rw, "/srv:/srv/:ro", /anonymous]
volumes: {data: {}}
`;
    const running = {
      Env: [
        "SAME=a$b",
        "CHANGED=1.1",
        "GONE=secret",
        "PATH=/bin",
        "affinity:container==x",
        "NODE_VERSION=20",
      ],
      mounts: [
        { Type: "volume", Name: "p_data", Source: "/x", Destination: "/data", RW: true },
        { Type: "bind", Source: "/srv", Destination: "/srv", RW: true },
        { Type: "bind", Source: "/old", Destination: "/old", RW: true },
        { Type: "volume", Name: "f".repeat(64), Destination: "/anonymous", RW: true },
      ],
    };
    expect(await drift(() => ({ stdout }), running)).toEqual({
      ok: true,
      value: {
        image: { now: "i", next: "j:2" },
        environment: { added: ["ADDED"], changed: ["CHANGED"], removed: ["GONE", "NODE_VERSION"] },
        mounts: { added: [], changed: ["/srv"], removed: ["/old"] },
      },
    });
  });

  test.each([
    ["1.29's words", "volumes: ['real:/d:ro', '/b:/c:rw,z']\nvolumes: {real: {external: true, name: r}}"],
    [
      "2's words",
      "volumes: [{type: volume, source: real, target: /d, read_only: true}, {type: bind, source: /b/, target: /c}]\nvolumes: {real: {external: true, name: r}}",
    ],
  ])("mounts in %s", async (_, text) => {
    const printed = `services:\n  web:\n    image: i\n    ${text}\n`;
    const definition = got(await definitionOf(printed, "p", "web"));
    expect([...(definition?.mounts ?? [])]).toEqual([
      ["/d", "volume r read-only"],
      ["/c", "bind /b"],
    ]);
  });

  test("keeps every value as it is written: numbers, dates, words, lines", async () => {
    const printed =
      "services: {web: {environment: {A: 1.10, B: 'null', C: 0o17, D: yes, E: '', F: 12:30, G: null, H: \"a\\nb\", I: 12345678901234567890}}}";
    const definition = got(await definitionOf(printed, "p", "web"));
    expect(Object.fromEntries(definition?.environment ?? [])).toEqual({
      A: "1.10",
      B: "null",
      C: "0o17",
      D: "yes",
      E: "",
      F: "12:30",
      G: null,
      H: "a\nb",
      I: "12345678901234567890",
    });
  });
});
