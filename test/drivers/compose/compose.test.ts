import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failureText } from "../../../src/base/failure.ts";
import { toInstance } from "../../../src/drivers/compose/instance.ts";
import { composeCommand } from "../../../src/drivers/compose/program.ts";
import { container, fakeEngine, frame, never, program, services, type Answers } from "./fake-engine.ts";
import { closedPort, tcp, type Loopback } from "../loopback.ts";

const list = "/containers/json";
const one: Answers = { [list]: [{ Id: "a" }], "/containers/a/json": container("a") };

async function failureOf(dockerHost: string, signal: AbortSignal = never) {
  const found = await services(dockerHost).inspect("web", signal);
  if (found.ok) throw new Error("it was found");
  return { ...found.failure, text: failureText(found.failure) };
}

async function allClosed({ sockets }: Loopback): Promise<void> {
  await expect.poll(() => sockets.length > 0 && sockets.every(({ closed }) => closed)).toBe(true);
}

describe("an engine that cannot be used", () => {
  // faults 0.5: "no container" is the engine's own word, and no other reply may be taken for it.
  test.each<[string, Answers]>([
    ["knows no containers", {}],
    ["answers with something that is no list", { [list]: { containers: [] } }],
    ["describes a container that is none", { [list]: [{ Id: "a" }], "/containers/a/json": { State: {} } }],
  ])("something else behind its address, which %s", async (_, answers) => {
    const engine = await fakeEngine(answers);
    expect(await failureOf(engine.host)).toMatchObject({ type: "unreadable" });
  });

  test("no socket, and one that nobody listens on any more", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lav-engine-"));
    expect(await failureOf(`unix://${folder}/none.sock`)).toMatchObject({
      type: "unreachable",
      cause: "absent",
      text: `Docker Engine at unix://${folder}/none.sock does not answer: there is no such socket; is the engine running?`,
    });
    await rm(folder, { recursive: true });
    const port = await closedPort();
    expect(await failureOf(`tcp://127.0.0.1:${port}`)).toMatchObject({
      type: "unreachable",
      cause: "refused",
      text: `Docker Engine at tcp://127.0.0.1:${port} does not answer: connection refused; is the engine running?`,
    });
  });

  test.each(["ssh://root@host", "npipe:////./pipe/docker_engine", "tcp://", "", "docker.sock"])(
    "an address of another sort: %j",
    async (host) => {
      const failure = await failureOf(host);
      expect(failure).toMatchObject({ type: "argument", effect: "none" });
      expect(failure.text).toContain("give unix:///var/run/docker.sock or tcp://host:2376");
    },
  );

  test("silent past the deadline: the connection is closed", async () => {
    await using server = await tcp((socket) => void socket.resume());
    const failure = await failureOf(`tcp://127.0.0.1:${server.port}`, AbortSignal.timeout(100));
    expect(failure).toMatchObject({ type: "timeout", doing: "GET /_ping" });
    await allClosed(server);
  });

  test("one byte at a time, for ever", async () => {
    await using server = await tcp((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nApi-Version: 1.43\r\n\r\n");
      const timer = setInterval(() => socket.write("H"), 20);
      socket.resume().once("close", () => clearInterval(timer));
    });
    const failure = await failureOf(`tcp://127.0.0.1:${server.port}`, AbortSignal.timeout(200));
    expect(failure).toMatchObject({ type: "timeout", doing: "GET /_ping" });
    await allClosed(server);
  });

  test.each([
    ["garbage", "SSH-2.0-OpenSSH_9.2\r\n", "unreadable", /this is not HTTP/],
    ["another server", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "unreadable", /something else/],
    ["no version", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "unreadable", /which Engine API/],
    [
      "TLS",
      "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
      "unreadable",
      /speaks TLS; set DOCKER_TLS_VERIFY=1/,
    ],
    ["a proxy that forbids", "HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n", "denied", /: no$/],
    [
      "an error of its own",
      'HTTP/1.1 500 X\r\nContent-Length: 17\r\n\r\n{"message":"bad"}',
      "rejected",
      /rejected the request \(500\): bad$/,
    ],
    ["nothing but a close", "", "unreachable", /does not answer/],
  ])("%s", async (_, answer, type, text) => {
    await using server = await tcp((socket) => void socket.once("data", () => socket.end(answer)));
    const failure = await failureOf(`tcp://127.0.0.1:${server.port}`);
    expect(failure.type).toBe(type);
    expect(failure.text).toMatch(text);
  });

  test("a socket that this user may not use says which group may", async () => {
    // Root may use any, so it is not root for a moment.
    const folder = await mkdtemp(join(tmpdir(), "lav-engine-"));
    const path = join(folder, "s");
    const server = createServer();
    server.listen(path);
    await once(server, "listening");
    try {
      await chmod(path, 0o000);
      if (process.getuid?.() === 0) process.seteuid?.(65_534);
      expect(await failureOf(`unix://${path}`)).toMatchObject({
        type: "denied",
        message: "permission denied; the user must be root or in the group docker",
      });
    } finally {
      if (process.getuid?.() === 0) process.seteuid?.(0);
      server.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("versions", () => {
  test.each([
    ["1.24", "/v1.24/"],
    ["1.51", "/v1.51/"],
    ["1.99", "/v1.51/"],
    ["2.0", "/v1.51/"],
  ])("an engine that speaks %s is asked in %s, and for it once", async (version, path) => {
    const engine = await fakeEngine(one, version);
    await using _ = engine.server;
    const found = services(engine.host);
    expect((await found.inspect("web", never)).ok).toBe(true);
    expect((await found.inspect("web", never)).ok).toBe(true);
    expect(engine.asked.filter((asked) => asked === "GET /_ping")).toHaveLength(1);
    expect(engine.asked[1]).toBe(`GET ${path}containers/json`);
  });
});

describe("replies", () => {
  test("a container that goes between the list and the look is not there", async () => {
    const engine = await fakeEngine({ ...one, [list]: [{ Id: "gone" }, { Id: "a" }] });
    await using _ = engine.server;
    expect(await services(engine.host).inspect("web", never)).toMatchObject({
      ok: true,
      value: [{ id: "a" }],
    });
  });

  test("a one-off is no instance", async () => {
    const oneOff = { Id: "x", Labels: { "com.docker.compose.oneoff": "True" } };
    const engine = await fakeEngine({ [list]: [oneOff] });
    await using _ = engine.server;
    expect(await services(engine.host).inspect("web", never)).toEqual({ ok: true, value: [] });
  });

  test.each([
    ["not JSON", (reply: ServerResponse) => void reply.end("<html>"), "unreadable"],
    [
      "cut in the middle",
      (reply: ServerResponse) => {
        reply.writeHead(200, { "Content-Length": "100" });
        reply.write("[");
        setImmediate(() => reply.destroy());
      },
      "unreachable",
    ],
  ])("%s", async (_, answer, type) => {
    const engine = await fakeEngine({ [list]: answer });
    await using _server = engine.server;
    expect((await failureOf(engine.host)).type).toBe(type);
  });

  test("of 100 MB no more than what may be kept is read", async () => {
    let sent = 0;
    const engine = await fakeEngine({
      [list]: (reply: ServerResponse) => {
        const chunk = Buffer.alloc(1024 * 1024, " ");
        const more = (): void => {
          while (sent < 100 && !reply.destroyed) {
            sent++;
            if (!reply.write(chunk)) return void reply.once("drain", more);
          }
          reply.end("[]");
        };
        more();
      },
    });
    await using _ = engine.server;
    expect(await failureOf(engine.host)).toMatchObject({ type: "overflow", limit: 16 * 1024 * 1024 });
    await allClosed(engine.server);
    expect(sent).toBeLessThan(60);
  });

  test("faults 0.5: a name that the platform file lacks measures nothing, even one of an object's own", async () => {
    const found = await services("tcp://127.0.0.1:1").inspect("constructor", never);
    expect(found).toMatchObject({
      failure: { type: "argument", message: "no service named constructor; the platform file has web" },
    });
  });
});

describe("logs", () => {
  const options = { tail: 10, maxBytes: 1000 };
  const two: Answers = {
    [list]: [{ Id: "a" }, { Id: "b" }],
    "/containers/a/json": container("a"),
    "/containers/b/json": container("b", { Name: "/p-web-2" }),
    "/containers/a/logs": (reply: ServerResponse) =>
      reply.end(frame(1, "2026-01-01T00:00:02.000000000Z second\n")),
  };

  test("of all instances in order of time", async () => {
    const engine = await fakeEngine({
      ...two,
      "/containers/b/logs": (reply: ServerResponse) =>
        reply.end(frame(2, "2026-01-01T00:00:01.000000000Z first\n")),
    });
    await using _ = engine.server;
    const read = await services(engine.host).logs("web", options, never);
    expect(read).toMatchObject({
      value: {
        lines: [
          { instance: "p-web-2", stream: "stderr", text: "first" },
          { instance: "p-web-1", stream: "stdout", text: "second" },
        ],
        truncated: false,
      },
    });
  });

  test("an instance that is removed meanwhile is left out", async () => {
    const engine = await fakeEngine(two);
    await using _ = engine.server;
    const read = await services(engine.host).logs("web", options, never);
    expect(read).toMatchObject({ value: { lines: [{ text: "second" }] } });
  });

  test("what is no log is unreadable, and not read to its end", async () => {
    const engine = await fakeEngine({
      ...one,
      "/containers/a/logs": (reply: ServerResponse) => void reply.write("plain text that goes on"),
    });
    await using _ = engine.server;
    expect(await services(engine.host).logs("web", options, never)).toMatchObject({
      failure: { type: "unreadable", target: "log of p-web-1" },
    });
  });
});

describe("restart", () => {
  const restart = (host: string) => services(host).restart("web", never);

  test("of a service without a container says what would make one", async () => {
    const engine = await fakeEngine({ [list]: [] });
    await using _ = engine.server;
    expect(await restart(engine.host)).toMatchObject({
      failure: { message: expect.stringMatching(/no container to restart; service\.recreate makes one$/) },
    });
    expect(engine.asked.some((asked) => asked.startsWith("POST"))).toBe(false);
  });

  test("refused by the engine is over and known", async () => {
    const engine = await fakeEngine({
      ...one,
      "/containers/a/restart": (reply: ServerResponse) =>
        reply.writeHead(500).end('{"message":"port is already allocated"}'),
    });
    await using _ = engine.server;
    expect(await restart(engine.host)).toMatchObject({
      failure: { type: "rejected", message: "p-web-1: port is already allocated", effect: "none" },
    });
  });

  test("that ends without an answer may still be under way, though nothing has changed yet", async () => {
    const engine = await fakeEngine({
      ...one,
      "/containers/a/restart": (reply: ServerResponse) => reply.destroy(),
    });
    await using _ = engine.server;
    expect(await restart(engine.host)).toMatchObject({ failure: { type: "unreachable", effect: "unknown" } });
  });

  test("past the deadline names the restart, not the look after it", async () => {
    const deadline = new AbortController();
    const engine = await fakeEngine({ ...one, "/containers/a/restart": () => deadline.abort() });
    await using _ = engine.server;
    const restarted = await services(engine.host).restart("web", deadline.signal);
    expect(restarted).toMatchObject({
      failure: { type: "timeout", doing: "POST /v1.43/containers/a/restart", effect: "unknown" },
    });
  });

  test("that the engine calls done and that has not begun is a failure", async () => {
    const engine = await fakeEngine({
      ...one,
      "/containers/a/restart": (reply: ServerResponse) => reply.writeHead(204).end(),
    });
    await using _ = engine.server;
    expect(await restart(engine.host)).toMatchObject({
      failure: { message: "p-web-1 did not restart: its start time is unchanged", effect: "unknown" },
    });
  });
});

describe("stop and start", () => {
  const down = { State: { Status: "exited", ExitCode: 0 } };
  const two: Answers = {
    [list]: [{ Id: "a" }, { Id: "b" }],
    "/containers/a/json": container("a"),
    "/containers/b/json": container("b", { Name: "/p-web-2", ...down }),
  };
  const posts = ({ asked }: { asked: readonly string[] }): readonly string[] =>
    asked.filter((one) => one.startsWith("POST"));
  const done = (reply: ServerResponse): unknown => reply.writeHead(204).end();

  test("what is so already is not asked for", async () => {
    const engine = await fakeEngine({ ...two, "/containers/b/start": done });
    await using _ = engine.server;
    expect(await services(engine.host).start({ service: "web" }, never)).toMatchObject({ ok: true });
    expect(posts(engine)).toEqual(["POST /v1.43/containers/b/start"]);
    expect(await services(engine.host).start({ service: "web", only: ["p-web-1"] }, never)).toMatchObject({
      ok: true,
    });
    expect(posts(engine)).toHaveLength(1);
  });

  test("a stop that the engine calls done, and whose container runs on, is a failure", async () => {
    const engine = await fakeEngine({ ...two, "/containers/a/stop": done });
    await using _ = engine.server;
    expect(await services(engine.host).stop({ service: "web" }, never)).toMatchObject({
      failure: { message: "p-web-1 is running although the engine stopped it", effect: "unknown" },
    });
  });

  test("a refusal is over and known; one without an answer may still be under way", async () => {
    const engine = await fakeEngine({
      ...two,
      "/containers/a/stop": (reply: ServerResponse) =>
        reply.writeHead(500).end('{"message":"cannot stop container"}'),
      "/containers/b/start": (reply: ServerResponse) => reply.destroy(),
    });
    await using _ = engine.server;
    expect(await services(engine.host).stop({ service: "web" }, never)).toMatchObject({
      failure: { type: "rejected", message: "p-web-1: cannot stop container", effect: "none" },
    });
    expect(await services(engine.host).start({ service: "web" }, never)).toMatchObject({
      failure: { type: "unreachable", effect: "unknown" },
    });
  });
});

describe("the Compose program", () => {
  async function recreated(reply: Parameters<typeof program>[0]) {
    const engine = await fakeEngine(one);
    await using _ = engine.server;
    const processes = program(reply);
    const done = await services(engine.host, processes).recreate("web", never);
    if (done.ok) throw new Error("it was recreated");
    return { ...done.failure, text: failureText(done.failure), asked: processes.asked };
  }

  test("is asked to keep the number of containers there are, on the engine of the platform file", async () => {
    const { asked, text } = await recreated({});
    expect(asked[0]?.command.join(" ")).toBe(
      "docker compose -p p -f c.yaml up -d --force-recreate --no-deps --scale web=1 web",
    );
    expect(asked[0]?.env["DOCKER_HOST"]).toMatch(/^tcp:/);
    expect(text).toContain("p-web-1 was not replaced");
  });

  test("what a recreation that was ended in the middle left goes first, and is not counted", async () => {
    const left = container("b", { Name: "/0123456789ab_p-web-1", State: { Status: "created" } });
    const engine = await fakeEngine({
      ...one,
      [list]: [{ Id: "a" }, { Id: "b" }],
      "/containers/b/json": left,
      "/containers/b": (reply: ServerResponse) => reply.writeHead(204).end(),
    });
    await using _ = engine.server;
    const processes = program({});
    await services(engine.host, processes).recreate("web", never);
    expect(engine.asked.filter((asked) => asked.startsWith("DELETE"))).toEqual([
      "DELETE /v1.43/containers/b",
    ]);
    expect(processes.asked[0]?.command).toContain("web=1");
  });

  test("says why in its last word that means something", async () => {
    const stderr =
      "Recreating p_web_1 ... error\n\nERROR: for web  Cannot start service web: port is already allocated\nEncountered errors while bringing up the project.\n";
    const failure = await recreated({ exitCode: 1, stderr });
    expect(failure.text).toBe(
      "docker compose exited with 1: ERROR: for web  Cannot start service web: port is already allocated",
    );
    expect(failure.effect).toBe("none");
  });

  test("a docker without Compose is told apart, with what to set", async () => {
    const stderr =
      "unknown shorthand flag: 'p' in -p\n\nUsage:  docker [OPTIONS] COMMAND\n\nRun 'docker --help'\n";
    const failure = await recreated({ exitCode: 125, stderr });
    expect(failure).toMatchObject({ type: "missing", effect: "none" });
    expect(failure.text).toMatch(/^docker has no Compose here .*compose\.program in the platform file/);
  });

  test("one that is not there says what to set", async () => {
    const failure = await recreated({
      type: "missing",
      target: "docker",
      message: "program docker not found",
      effect: "none",
    });
    expect(failure.text).toMatch(/^program docker not found; compose\.program in the platform file/);
  });

  test("ended in the middle, by its deadline or by somebody, nobody can say what the engine still does", async () => {
    const killed = await recreated({ exitCode: null, signal: "SIGKILL" });
    expect(killed).toMatchObject({ type: "exit", effect: "unknown" });
    const late = await recreated({ type: "timeout", target: "docker", after: 10, doing: "x" });
    expect(late.effect).not.toBe("none");
  });

  const settings = {
    program: ["docker-compose"],
    project: "p",
    files: ["a.yaml", "b.yaml"],
    directory: "/d",
  };
  test.each([
    [{ do: "restart", service: "web" } as const, "restart web"],
    [{ do: "stop", service: "web" } as const, "stop web"],
    [{ do: "start", service: "web" } as const, "start web"],
    [{ do: "logs", service: "web", tail: 5 } as const, "logs --timestamps --tail=5 web"],
    [{ do: "recreate", service: "web" } as const, "up -d --force-recreate --no-deps web"],
    [
      { do: "scale", service: "web", replicas: 3 } as const,
      "up -d --no-deps --no-recreate --scale web=3 web",
    ],
  ])("is typed so: %j", (action, words) => {
    expect(composeCommand(settings, action, "web").join(" ")).toBe(
      `docker-compose -p p -f a.yaml -f b.yaml --project-directory /d ${words}`,
    );
  });
});

test.each([
  [600_000, "docker compose -p p logs --timestamps --tail=5 --since=10m web"],
  [90_000_000, "docker compose -p p logs --timestamps --tail=5 --since=25h web"],
  ["‹params.age›", "docker compose -p p logs --timestamps --tail=5 --since=‹params.age› web"],
])("recent lines alone are read by hand: %s", (since, words) => {
  const settings = { program: ["docker", "compose"], project: "p", files: [] };
  const action = { do: "logs", service: "web", tail: 5, since } as const;
  expect(composeCommand(settings, action, "web").join(" ")).toBe(words);
});

test("Compose 1 knows no --since: the engine is asked for each container's lines", () => {
  const settings = { program: ["docker-compose"], project: "p", files: ["a.yaml"] };
  const [shell, flag, script] = composeCommand(
    settings,
    { do: "logs", service: "web", tail: 5, since: 600_000 },
    "web",
  );
  expect([shell, flag]).toEqual(["sh", "-c"]);
  expect(script).toMatch(
    /^for id in \$\(docker ps --all --quiet .*\); do docker logs .*--since=10m "\$id"; done$/,
  );
});

test("some instances alone are stopped by hand with the engine's own command", () => {
  const action = { do: "stop", service: "web", only: ["p-web-1", "p-web-2"] } as const;
  const settings = { program: ["docker-compose"], project: "p", files: ["a.yaml"] };
  expect(composeCommand(settings, action, "web").join(" ")).toBe("docker stop p-web-1 p-web-2");
});

describe("instances", () => {
  const state = (State: object, more: object = {}) => toInstance(container("a", { State, ...more }));

  test.each([
    [
      { Status: "exited", ExitCode: 137, OOMKilled: true },
      { state: "exited", exitCode: 137, oomKilled: true },
    ],
    [
      { Status: "paused", Running: true, ExitCode: 0 },
      { state: "paused", exitCode: undefined },
    ],
    [
      { Status: "restarting", ExitCode: 3 },
      { state: "restarting", exitCode: 3 },
    ],
    [
      { Status: "created", ExitCode: 0 },
      { state: "created", exitCode: undefined },
    ],
    [
      { Status: "stopped", ExitCode: 1 },
      { state: "exited", exitCode: 1 },
    ],
    [{ Status: "a new word", Running: true }, { state: "running" }],
    [
      { Status: "a new word", Running: false, ExitCode: "x" },
      { state: "exited", exitCode: 0 },
    ],
    [{}, { state: "exited", startedAt: undefined }],
    [{ Status: "created", StartedAt: "0001-01-01T00:00:00Z" }, { startedAt: undefined }],
    [{ Status: "running", Health: { Status: "unhealthy" } }, { health: "unhealthy" }],
    [{ Status: "running", Health: { Status: "none" } }, { health: "none" }],
  ])("%j", (given, expected) => {
    expect(state(given)).toMatchObject(expected);
  });

  test.each([
    ["p-web-1", undefined],
    ["p_web_1", undefined],
    ["0123456789ab_p-web-1", undefined],
    ["my-web", { most: 1, why: "the fixed name my-web (container_name)" }],
  ])("named %s", (name, limit) => {
    expect(state({}, { Name: `/${name}` })?.limit).toEqual(limit);
  });

  test.each([
    ["", [], undefined],
    ["0", [], undefined],
    ["rubbish", [], undefined],
    ["3001", [3001], { most: 1, why: "the fixed host port 3001" }],
    ["3003-3004", [3003, 3004], { most: 2, why: "only the host ports 3003-3004" }],
  ])("a host port written %j", (HostPort, hostPorts, limit) => {
    const bindings = [
      { HostIp: "", HostPort },
      { HostIp: "::", HostPort },
    ];
    expect(state({}, { HostConfig: { PortBindings: { "80/tcp": bindings, "81/tcp": null } } })).toMatchObject(
      {
        hostPorts,
        limit,
      },
    );
  });

  test("anything that is no container is none", () => {
    for (const odd of [null, 1, [], "x", {}, { Id: 3 }]) expect(toInstance(odd)).toBeUndefined();
    expect(toInstance({ Id: "a" })).toMatchObject({ id: "a", number: 1, volumes: [], restarts: 0 });
  });
});
