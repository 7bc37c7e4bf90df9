import type { Reply, Received } from "../cli/server.ts";
import { ScriptedServer } from "../cli/server.ts";
import type { Asked } from "./asked.ts";
import type { Program } from "./programs.ts";

const project = "adaf";
const api = "1.43";

export interface Container {
  readonly id: string;
  readonly service: string;
  state: "running" | "exited";
  exitCode: number;
  starts: number;
  /** What it was made with. */
  readonly environment: Readonly<Record<string, string>>;
  log: readonly string[];
}

/** A Docker Engine with one container a service, and the Compose 2 that makes them. */
export class DockerEngine {
  readonly server: ScriptedServer;
  readonly containers = new Map<string, Container>();
  /** What the Compose file says of a service's environment. */
  readonly defined = new Map<string, Readonly<Record<string, string>>>();
  /** What becomes of a container that is started or stopped. */
  acts: (what: "start" | "stop", container: Container) => Promise<void> = async (what, container) => {
    container.state = what === "start" ? "running" : "exited";
    return await Promise.resolve();
  };
  /** What a service that was recreated says instead. */
  refuses: string | undefined;
  private readonly asked: Asked;
  private made = 0;

  private constructor(asked: Asked, server: ScriptedServer) {
    this.asked = asked;
    this.server = server.otherwise(async (request) => await this.answer(request));
  }

  static async start(asked: Asked, services: readonly string[]): Promise<DockerEngine> {
    const engine = new DockerEngine(asked, await ScriptedServer.start());
    for (const service of services) engine.make(service);
    return engine;
  }

  get host(): string {
    return this.server.url.replace("http://", "tcp://");
  }

  of(service: string): Container {
    const found = this.containers.get(service);
    if (found === undefined) throw new Error(`${service} has no container`);
    return found;
  }

  make(service: string): void {
    this.made += 1;
    const id = this.made.toString(16).padStart(64, "0");
    const environment = this.defined.get(service) ?? {};
    const container: Container = {
      id,
      service,
      state: "running",
      exitCode: 0,
      starts: 0,
      environment,
      log: [],
    };
    this.containers.set(service, container);
  }

  private async answer({ method, path }: Received): Promise<Reply> {
    if (path === "/_ping") return { text: "OK", headers: { "api-version": api } };
    const [, at = ""] = new RegExp(`^/v${api}(/.*)$`).exec(path) ?? [];
    const filters = /^\/containers\/json\?all=1&filters=(.*)$/.exec(at)?.[1];
    if (method === "GET" && filters !== undefined) return this.list(decodeURIComponent(filters));
    // What a snapshot asks of all of them: nothing here is evidence.
    if (method === "GET" && at === "/containers/json?all=1") return { json: [] };
    if (method === "GET" && at === "/volumes") return { json: { Volumes: [] } };
    if (method === "GET" && at === "/images/sha256%3Aapp/json") return { json: { Config: { Env: [] } } };
    const [, id, what] = /^\/containers\/([0-9a-f]{64})\/(.*)$/.exec(at) ?? [];
    const container = [...this.containers.values()].find((one) => one.id === id);
    if (container === undefined && id !== undefined)
      return { status: 404, json: { message: `No such container: ${id}` } };
    if (container !== undefined && method === "GET" && what === "json") return { json: described(container) };
    if (
      container !== undefined &&
      method === "GET" &&
      /^logs\?stdout=1&stderr=1&timestamps=1&tail=\d+$/.test(what ?? "")
    )
      return { text: framed(container.log) };
    if (container !== undefined && method === "POST" && (what === "start" || what === "stop")) {
      this.asked.change(`engine ${what} ${container.service}`);
      container.starts += what === "start" ? 1 : 0;
      await this.acts(what, container);
      return 204;
    }
    return { status: 400, json: { message: this.asked.refuse(`engine ${method} ${path}`) } };
  }

  private list(filters: string): Reply {
    const { label = [] } = JSON.parse(filters) as { label?: readonly string[] };
    const found = [...this.containers.values()].filter((one) =>
      label.every((wanted) => labelsOf(one).includes(wanted)),
    );
    return { json: found.map(({ id }) => ({ Id: id, Labels: {} })) };
  }

  readonly docker: Program = (args, env) => {
    const line = args.join(" ").replace(/ -f \S*\/docker-compose\.prod\.yml/, "");
    if (env["DOCKER_HOST"] !== this.host) return undefined;
    if (line === `compose -p ${project} config`) return { stdout: this.definition() };
    const up = new RegExp(
      `^compose -p ${project} up -d --force-recreate --no-deps --scale (\\S+)=1 \\1$`,
    ).exec(line);
    const [, service] = up ?? [];
    if (service === undefined || !this.containers.has(service)) return undefined;
    this.asked.change(`compose recreate ${service}`);
    if (this.refuses !== undefined) return { code: 1, stderr: `${this.refuses}\n` };
    this.make(service);
    return {};
  };

  private definition(): string {
    const services = [...this.containers.keys()].map((name) => [
      name,
      { image: "app", environment: this.defined.get(name) ?? {}, networks: { default: null } },
    ]);
    return JSON.stringify({
      name: project,
      services: Object.fromEntries(services),
      networks: { default: {} },
    });
  }
}

function labelsOf({ service }: Container): readonly string[] {
  return [`com.docker.compose.project=${project}`, `com.docker.compose.service=${service}`];
}

function described({ id, service, state, exitCode, starts, environment }: Container): object {
  const at = (minute: number): string => `2026-11-30T06:${String(minute).padStart(2, "0")}:00.5Z`;
  return {
    Id: id,
    Name: `/${project}-${service}-1`,
    Image: "sha256:app",
    RestartCount: 0,
    State: {
      Status: state,
      Running: state === "running",
      ExitCode: exitCode,
      OOMKilled: false,
      StartedAt: at(starts * 2),
      FinishedAt: state === "running" ? "0001-01-01T00:00:00Z" : at(starts * 2 + 1),
    },
    Config: {
      Image: "app",
      Tty: false,
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      Labels: {
        ...Object.fromEntries(labelsOf({ service } as Container).map((label) => label.split("="))),
        "com.docker.compose.container-number": "1",
      },
    },
    HostConfig: { PortBindings: {} },
    Mounts: [],
  };
}

/** Log frames of stderr, each line with its time. */
function framed(lines: readonly string[]): string {
  return lines
    .map((line, at) => {
      const text = `2026-11-30T06:00:${String(at).padStart(2, "0")}.000000000Z ${line}\n`;
      return `\u0002\0\0\0\0\0\0${String.fromCodePoint(text.length)}${text}`;
    })
    .join("");
}
