import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  dataFolder,
  findProgram,
  onFreePort,
  startChild,
  userNamed,
  type Child,
  type User,
} from "./child.ts";

export interface PostgresOptions {
  /** 20 when left out. */
  readonly maxConnections?: number;
  /** Of the superuser `postgres`; without it every connection is trusted. */
  readonly password?: string;
  /** It encrypts with this (PEM), and takes both kinds of connections. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Rules of a pg_hba.conf for connections over TCP, in place of one that takes the password or trusts. */
  readonly rules?: readonly string[];
  /** Lines of a postgresql.conf: `log_statement = all`. */
  readonly config?: readonly string[];
}

export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  /** As the superuser `postgres`, with the password, to the database `postgres`. */
  readonly url: string;
  /** Folder of its socket, on which the superuser is always trusted. */
  readonly folder: string;
  readonly pid: number;
  /** What it logged since its start. */
  log(): string;
  /** Stops it at once, connections and all, and starts it on the same port and data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const cache = fileURLToPath(new URL("../.cache/", import.meta.url));

/** A PostgreSQL of its own on a free port of 127.0.0.1, gone with this process. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const programs = postgresPrograms();
  const user = unprivileged();
  const template = madeTemplate(programs, user);
  const folder = dataFolder("postgres");
  const data = join(folder, "data");
  execFileSync("cp", ["-R", template, data]);
  configure(data, folder, options);
  own(folder, user);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const onPort = async (port: number): Promise<PostgresServer> => {
    const start = async (): Promise<Child> =>
      await startChild({
        command: [join(programs, "postgres"), "-D", data, "-p", String(port)],
        cwd: folder,
        ready: /database system is ready to accept connections/,
        orphaned: "QUIT",
        ...(user === undefined ? {} : { user }),
      });
    let child = await start();
    if (options.password !== undefined) await setPassword(folder, port, options.password);
    const login = options.password === undefined ? "" : `:${encodeURIComponent(options.password)}`;
    return {
      host: "127.0.0.1",
      port,
      url: `postgresql://postgres${login}@127.0.0.1:${port}/postgres`,
      folder,
      get pid() {
        return child.pid;
      },
      log: () => child.log(),
      async restart(): Promise<void> {
        await child.stop("SIGINT");
        child = await start();
      },
      async stop(): Promise<void> {
        await child.stop("SIGQUIT");
        remove();
      },
    };
  };
  return await onFreePort(onPort, remove);
}

/** Folder of `postgres` and `initdb`: Debian's newest, or the one that LAV_TEST_POSTGRES_BIN names. */
export function postgresPrograms(): string {
  const named = process.env["LAV_TEST_POSTGRES_BIN"];
  if (named !== undefined) return named;
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const initdb = findProgram(
    "initdb",
    versions.map((version) => join(debian, version, "bin")),
  );
  if (initdb === undefined) {
    throw new Error(
      "initdb is not here: install the package postgresql, or name its folder of programs in LAV_TEST_POSTGRES_BIN",
    );
  }
  return dirname(initdb);
}

/** PostgreSQL refuses to run as root; as anybody else, this process starts it as itself. */
function unprivileged(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = userNamed("postgres") ?? userNamed("nobody");
  if (user === undefined) throw new Error("there is neither a user postgres nor a user nobody to run as");
  return user;
}

/** An initialised cluster to copy: made once a version, in a second; copying it takes a twentieth of that. */
function madeTemplate(programs: string, user: User | undefined): string {
  const version = execFileSync(join(programs, "postgres"), ["--version"], { encoding: "utf8" });
  const template = join(cache, `postgres-${/[\d.]+/.exec(version)?.[0] ?? "unknown"}`);
  if (existsSync(template)) return template;
  // Made where the other user may write: the way to .cache/ need not be open to it.
  const folder = dataFolder("initdb");
  own(folder, user);
  const encoding = ["--encoding=UTF8", "--locale=C.UTF-8"];
  execFileSync(
    join(programs, "initdb"),
    ["-D", join(folder, "data"), "-U", "postgres", "--auth=trust", "--no-sync", ...encoding],
    { cwd: folder, stdio: ["ignore", "ignore", "pipe"], ...user },
  );
  mkdirSync(cache, { recursive: true });
  const half = `${template}.${process.pid}`;
  execFileSync("cp", ["-R", join(folder, "data"), half]);
  rmSync(folder, { recursive: true, force: true });
  try {
    renameSync(half, template);
  } catch {
    // Another run was first; its template is as good.
    rmSync(half, { recursive: true, force: true });
  }
  return template;
}

function configure(data: string, folder: string, options: PostgresOptions): void {
  const lines = [
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${folder}'`,
    "fsync = off",
    "shared_buffers = 16MB",
    `max_connections = ${options.maxConnections ?? 20}`,
    ...(options.tls === undefined ? [] : ["ssl = on"]),
    ...(options.config ?? []),
  ];
  if (options.tls !== undefined) {
    writeFileSync(join(data, "server.crt"), options.tls.cert);
    writeFileSync(join(data, "server.key"), options.tls.key, { mode: 0o600 });
  }
  appendFileSync(join(data, "postgresql.conf"), `${lines.join("\n")}\n`);
  const method = options.password === undefined ? "trust" : "scram-sha-256";
  const rules = ["local all all trust", ...(options.rules ?? [`host all all 127.0.0.1/32 ${method}`])];
  writeFileSync(join(data, "pg_hba.conf"), `${rules.join("\n")}\n`);
}

function own(folder: string, user: User | undefined): void {
  if (user !== undefined) {
    chownSync(folder, user.uid, user.gid);
    execFileSync("chown", ["-R", `${user.uid}:${user.gid}`, folder]);
  }
  chmodSync(folder, 0o755);
}

async function setPassword(folder: string, port: number, password: string): Promise<void> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ host: folder, port, user: "postgres", database: "postgres" });
  await client.connect();
  await client.query(`ALTER ROLE postgres PASSWORD ${client.escapeLiteral(password)}`);
  await client.end();
}
