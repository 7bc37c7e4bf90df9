import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dataFolder, findProgram, onFreePort, startChild } from "./child.ts";

export interface TinyproxyOptions {
  /** Whoever does not log in so is carried nowhere. */
  readonly login?: { readonly user: string; readonly password: string };
  /** The only ports that it carries tunnels to; without them, all. */
  readonly ports?: readonly number[];
}

export interface TinyproxyServer {
  readonly port: number;
  readonly url: string;
  log(): string;
  stop(): Promise<void>;
}

/** An HTTP proxy of its own on a free port of 127.0.0.1, gone with this process. */
export async function startTinyproxy({ login, ports = [] }: TinyproxyOptions = {}): Promise<TinyproxyServer> {
  const program = tinyproxyProgram();
  const folder = dataFolder("tinyproxy");
  const file = join(folder, "tinyproxy.conf");
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const onPort = async (port: number): Promise<TinyproxyServer> => {
    const lines = [
      `Port ${port}`,
      "Listen 127.0.0.1",
      "Allow 127.0.0.1",
      "LogLevel Info",
      "Timeout 60",
      ...(login === undefined ? [] : [`BasicAuth ${login.user} ${login.password}`]),
      ...ports.map((one) => `ConnectPort ${one}`),
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    const child = await startChild({
      command: [program, "-d", "-c", file],
      cwd: folder,
      ready: /Accepting connections/,
    });
    return {
      port,
      url: `http://127.0.0.1:${port}`,
      log: () => child.log(),
      async stop(): Promise<void> {
        await child.stop("SIGKILL");
        remove();
      },
    };
  };
  return await onFreePort(onPort, remove);
}

/** The program of Debian's `tinyproxy-bin`, or the one that LAV_TEST_TINYPROXY names. */
function tinyproxyProgram(): string {
  const program =
    process.env["LAV_TEST_TINYPROXY"] ?? findProgram("tinyproxy", ["/usr/bin", "/usr/local/bin"]);
  if (program === undefined) {
    throw new Error(
      "tinyproxy is not here: install the package tinyproxy-bin, or name the program in LAV_TEST_TINYPROXY",
    );
  }
  return program;
}
