import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { dataFolder, onFreePort, startChild, userNamed, type Child } from "./child.ts";
import { postgresPrograms, type PostgresServer } from "./postgres.ts";

/** Lets replication in, on the server's socket. */
export async function allowReplication(server: PostgresServer): Promise<void> {
  appendFileSync(join(server.folder, "data", "pg_hba.conf"), "local replication all trust\n");
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    host: server.folder,
    port: server.port,
    user: "postgres",
    database: "postgres",
  });
  await client.connect();
  await client.query("SELECT pg_reload_conf()");
  await client.end();
}

/** A hot standby that streams from the server; stop it before the server. */
export async function startStandby(
  server: PostgresServer,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const programs = postgresPrograms();
  const folder = dataFolder("standby");
  const data = join(folder, "data");
  const user = process.getuid?.() === 0 ? userNamed("postgres") : undefined;
  const from = ["-h", server.folder, "-p", String(server.port), "-U", "postgres"];
  execFileSync(join(programs, "pg_basebackup"), [
    ...from,
    "-D",
    data,
    "-R",
    "-X",
    "stream",
    "--checkpoint=fast",
  ]);
  if (user !== undefined) execFileSync("chown", ["-R", `${user.uid}:${user.gid}`, folder]);
  chmodSync(folder, 0o755);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  let at = 0;
  const child: Child = await onFreePort(async (port) => {
    at = port;
    return await startChild({
      command: [join(programs, "postgres"), "-D", data, "-p", String(port), "-k", folder],
      cwd: folder,
      ready: /started streaming WAL from primary/,
      orphaned: "QUIT",
      ...(user === undefined ? {} : { user }),
    });
  }, remove);
  return {
    port: at,
    async stop(): Promise<void> {
      await child.stop("SIGQUIT");
      remove();
    },
  };
}

/** A base backup so slow that it is still running when the test ends it. */
export async function startBackup(server: PostgresServer): Promise<Child & { stopped(): Promise<void> }> {
  const folder = dataFolder("backup");
  const from = ["-h", server.folder, "-p", String(server.port), "-U", "postgres"];
  const to = ["-D", join(folder, "data"), "-X", "none", "--checkpoint=fast", "--max-rate=32k", "-v"];
  const child = await startChild({
    command: [join(postgresPrograms(), "pg_basebackup"), ...from, ...to],
    cwd: folder,
    ready: /checkpoint completed/,
  });
  return {
    ...child,
    async stopped(): Promise<void> {
      await child.stop("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
