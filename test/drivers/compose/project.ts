import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCompose } from "../../../src/drivers/compose.ts";
import { createProcesses } from "../../../src/drivers/process.ts";
import type { Services } from "../../../src/drivers/ports.ts";
import { runProgram } from "../../../tools/wait.ts";
import { composeProgram } from "../../../sandbox/compose-file.ts";
import { engineJson } from "../../../sandbox/docker.ts";
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
  services(program?: readonly string[]): Services;
  compose(...args: readonly string[]): Promise<string>;
  engine(method: "GET" | "POST" | "DELETE", path: string): Promise<unknown>;
}

const ends = "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);";
const programs: Readonly<Record<string, string>> = {
  web: ends,
  dep: ends,
  fixed: ends,
  named: ends,
  // Starts well once in a container's life.
  frail: `const f = '/tmp/started'; if (fs.existsSync(f)) process.exit(3); fs.writeFileSync(f, ''); ${ends}`,
  loop: "setTimeout(() => process.exit(4), 300);",
  hungry: "const kept = []; for (;;) kept.push(Buffer.alloc(4e6, 1));",
  wordy: `process.stdout.write('a'.repeat(40000) + '\\n'); process.stdout.write('end\\n'); ${ends}`,
  terminal: `process.stdout.write('a'.repeat(40000) + '\\n'); process.stdout.write('end\\n'); ${ends}`,
  sick: ends,
  deaf: "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);",
};

const extras: Readonly<Record<string, object>> = {
  web: { volumes: ["state:/state", "/anonymous"], depends_on: ["dep"] },
  named: { container_name: "lav-test-compose-alone" },
  loop: { restart: "always" },
  hungry: { mem_limit: "64m", memswap_limit: "64m" },
  terminal: { tty: true },
  sick: { healthcheck: { test: ["CMD", "node", "-e", "process.exit(1)"], interval: "300ms", retries: 1 } },
  deaf: { stop_grace_period: "2s" },
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
      return [service, { image, command: ["node", "-e", program], ...network, ...extras[service] }];
    }),
  );
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ services, volumes: { state: {} } }));
  const env = { DOCKER_HOST: host };
  return {
    host,
    name,
    services: (program = usual) =>
      createCompose(
        {
          program,
          project: name,
          files: [file],
          dockerHost: host,
          services: Object.fromEntries(Object.keys(programs).map((service) => [service, service])),
        },
        createProcesses(process.env),
      ),
    compose: async (...args) => {
      const [program = "", ...first] = usual;
      return await runProgram(program, [...first, "-p", name, "-f", file, ...args], { env, within: 60_000 });
    },
    engine: async (method, path) => await engineJson(host, { method, path }, [304]),
    [Symbol.asyncDispose]: async () => {
      await removeProject(host, name);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
