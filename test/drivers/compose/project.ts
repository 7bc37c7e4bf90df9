import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCompose } from "../../../src/drivers/compose/compose.ts";
import { createProcesses } from "../../../src/drivers/process/process.ts";
import type { EngineAt } from "../../../src/drivers/docker/at.ts";
import type { Services } from "../../../src/ports/ports.ts";
import { runProgram } from "../../../tools/wait.ts";
import { composeProgram } from "../../../sandbox/compose-file.ts";
import { engineJson, pauseContainer } from "../../../sandbox/docker.ts";
import { ensureEngine } from "../../../sandbox/engine.ts";
import { freePorts } from "../../../sandbox/free-ports.ts";
import { ensureImage } from "../../../sandbox/image.ts";
import { removeProject } from "../../../sandbox/remove.ts";
import { ownProject } from "../../../sandbox/shared.ts";

/** A small Compose project on the test engine: nothing of it runs before `up`. */
export interface Project extends AsyncDisposable {
  readonly host: string;
  readonly name: string;
  /** The driver on it; with another Compose program where a test needs a bad one. */
  services(program?: readonly string[], given?: Given): Services;
  compose(...args: readonly string[]): Promise<string>;
  /** The same with variables in its environment. */
  composeWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string>;
  readonly program: readonly string[];
  readonly folder: string;
  readonly image: string;
  engine(method: "GET" | "POST" | "DELETE", path: string): Promise<unknown>;
  pause(id: string): Promise<void>;
  kill(id: string): Promise<void>;
}

/** What an operator gives Compose besides its files. */
export interface Given {
  readonly engine?: EngineAt;
  readonly env?: Readonly<Record<string, string>>;
  readonly envFiles?: readonly string[];
}

const ends = "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);";
const programs: Readonly<Record<string, string>> = {
  web: ends,
  dep: ends,
  fixed: ends,
  named: ends,
  // Starts well once in a container's life, and says when it can be asked to end.
  frail: `const f = '/tmp/started'; if (fs.existsSync(f)) process.exit(3); fs.writeFileSync(f, ''); ${ends} console.log('up');`,
  loop: "setTimeout(() => process.exit(4), 300);",
  hungry: "const kept = []; for (;;) kept.push(Buffer.alloc(4e6, 1));",
  wordy: `process.stdout.write('a'.repeat(40000) + '\\n'); process.stdout.write('end\\n'); ${ends}`,
  terminal: `process.stdout.write('a'.repeat(40000) + '\\n'); process.stdout.write('end\\n'); ${ends}`,
  sick: ends,
  vars: ends,
  rich: ends,
  keyed: "if (process.env.KEYED_EXIT !== '0') process.exit(7); setInterval(() => {}, 1000);",
  slow: ends,
  deaf: "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);",
};

const extras: Readonly<Record<string, object>> = {
  web: { volumes: ["state:/state", "/anonymous"], depends_on: ["dep"] },
  named: { container_name: "lav-test-compose-alone" },
  loop: { restart: "always" },
  // So long that a recreation is seen while it waits for this one to stop.
  deaf: { stop_grace_period: "60s" },
  hungry: { mem_limit: "64m", memswap_limit: "64m" },
  terminal: { tty: true },
  sick: { healthcheck: { test: ["CMD", "node", "-e", "process.exit(1)"], interval: "300ms", retries: 1 } },
  slow: {
    healthcheck: { test: ["CMD", "node", "-e", "process.exit(1)"], interval: "300ms", retries: 1000 },
  },
  // As operators write them: what is not set here is a blank to Compose.
  vars: {
    environment: {
      API_KEY: "${LAV_API_KEY}",
      MODE: "${LAV_MODE:-plain}",
      COST: "$$5 a=b",
      THROUGH: null,
    },
    volumes: ["${LAV_VOLUME:-state}:/state"],
  },
  // A definition with a bit of all that goes into a container.
  rich: {
    environment: [
      "ODD= a=b '\"x ",
      "NUMBER=1.10",
      "DOLLAR=$$HOME",
      "EMPTY=",
      "LINES=a\nb: c",
      "WORD=yes",
      "OCTAL=017",
    ],
    env_file: ["rich.env"],
    labels: { "own.label": "${LAV_LABEL:-x}" },
    secrets: ["token", { source: "token", target: "other" }],
    tmpfs: ["/scratch"],
    profiles: ["seldom"],
    volumes: [
      "./bound/:/bound/:ro",
      "./linked:/linked",
      "/anonymous",
      { type: "volume", source: "other", target: "/other", read_only: true },
      { type: "bind", source: "./bound", target: "/again" },
      { type: "tmpfs", target: "/memory" },
      { type: "volume", target: "/nameless" },
    ],
  },
  keyed: { environment: { KEYED_EXIT: "${LAV_EXIT}" } },
};

export async function composeProject(flavour: 1 | 2): Promise<Project> {
  const { host } = await ensureEngine();
  const [image, usual, [port = 0]] = await Promise.all([
    ensureImage(host),
    composeProgram(flavour),
    freePorts([1]),
  ]);
  const name = ownProject(`compose-${flavour}`);
  await removeProject(host, name);
  const folder = await mkdtemp(join(tmpdir(), "lav-compose-"));
  const file = join(folder, "compose.yaml");
  const services = Object.fromEntries(
    Object.entries(programs).map(([service, program]) => {
      const network = service === "fixed" ? { ports: [`127.0.0.1:${port}:80`] } : { network_mode: "none" };
      // A dollar would be Compose's own.
      const from = service === "vars" ? `\${LAV_IMAGE:-${image}}` : image;
      // Not ten seconds for one that is asked to end before it listens for that, or while it is paused.
      const usually = { image: from, command: ["node", "-e", program], stop_grace_period: "2s" };
      return [service, { ...usually, ...network, ...extras[service] }];
    }),
  );
  await mkdir(join(folder, "bound"));
  await symlink("bound", join(folder, "linked"));
  await writeFile(join(folder, "rich.env"), '# a comment\nFROM_FILE=one two\nQUOTED="three"\n\nODD=under\n');
  await writeFile(join(folder, "token"), "a secret");
  // JSON is YAML.
  await writeFile(
    file,
    JSON.stringify({ services, volumes: { state: {}, other: {} }, secrets: { token: { file: "./token" } } }),
  );
  const compose = async (
    more: Readonly<Record<string, string>>,
    args: readonly string[],
  ): Promise<string> => {
    const [program = "", ...first] = usual;
    const env = { ...more, DOCKER_HOST: host };
    return await runProgram(program, [...first, "-p", name, "-f", file, ...args], { env, within: 60_000 });
  };
  return {
    host,
    name,
    program: usual,
    folder,
    image,
    services: (program = usual, given = {}) =>
      createCompose(
        {
          program,
          project: name,
          files: [file],
          engine: { host },
          ...given,
          services: Object.fromEntries(Object.keys(programs).map((service) => [service, service])),
        },
        createProcesses(process.env),
      ),
    compose: async (...args) => await compose({}, args),
    composeWith: async (env, ...args) => await compose(env, args),
    engine: async (method, path) => await engineJson(host, { method, path }, [304]),
    // One that does not run, or is gone by now, needs no kill.
    kill: async (id) =>
      void (await engineJson(host, { method: "POST", path: `/containers/${id}/kill` }, [404, 409])),
    pause: async (id) => await pauseContainer(host, id),
    [Symbol.asyncDispose]: async () => {
      await removeProject(host, name);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
