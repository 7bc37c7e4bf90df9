import { rmSync } from "node:fs";
import { dataFolder, findProgram, onFreePort, startChild } from "./child.ts";

export interface RedisOptions {
  /** `requirepass`. */
  readonly password?: string;
  /** Lines of a redis.conf: `maxclients 4`. */
  readonly config?: readonly string[];
  /** Keeps what is in this folder (a dump.rdb), and leaves it there. */
  readonly folder?: string;
  /** Started when this stands in its log; usually when it accepts connections. */
  readonly ready?: RegExp;
}

export interface RedisServer {
  readonly host: string;
  readonly port: number;
  /** With the password. */
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
  log(): string;
  stop(): Promise<void>;
}

/** A Redis of its own on a free port of 127.0.0.1, gone with this process. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const program = redisProgram();
  const folder = options.folder ?? dataFolder("redis");
  const settings = [
    "bind 127.0.0.1",
    'save ""',
    "appendonly no",
    ...(options.password === undefined ? [] : [`requirepass ${options.password}`]),
    ...(options.config ?? []),
  ];
  const args = settings.flatMap((line) => {
    const [name = "", ...values] = line.split(" ");
    return [`--${name}`, ...values.map((value) => (value === '""' ? "" : value))];
  });
  const remove = (): void => {
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  };
  const onPort = async (port: number): Promise<RedisServer> => {
    const child = await startChild({
      command: [program, "--port", String(port), "--dir", folder, ...args],
      cwd: folder,
      ready: options.ready ?? /Ready to accept connections/,
    });
    const login = options.password === undefined ? "" : `:${encodeURIComponent(options.password)}@`;
    return {
      host: "127.0.0.1",
      port,
      url: `redis://${login}127.0.0.1:${port}`,
      pid: child.pid,
      folder,
      log: () => child.log(),
      async stop(): Promise<void> {
        await child.stop("SIGKILL");
        remove();
      },
    };
  };
  return await onFreePort(onPort, remove);
}

/** The program of Debian's `redis-server`, or the one that LAV_TEST_REDIS_SERVER names. */
export function redisProgram(): string {
  const named = process.env["LAV_TEST_REDIS_SERVER"];
  const program = named ?? findProgram("redis-server", ["/usr/bin", "/usr/local/bin"]);
  if (program === undefined) {
    throw new Error(
      "redis-server is not here: install the package redis-server, or name the program in LAV_TEST_REDIS_SERVER",
    );
  }
  return program;
}
