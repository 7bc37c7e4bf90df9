import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startHttpProgram, type HttpProcess } from "./http-server.ts";

export interface TinyproxyOptions {
  /** Whoever does not log in so is carried nowhere. */
  readonly login?: { readonly user: string; readonly password: string };
  /** The only ports that it carries tunnels to; without them, all. */
  readonly ports?: readonly number[];
}

/** An HTTP proxy. */
export async function startTinyproxy({ login, ports = [] }: TinyproxyOptions = {}): Promise<HttpProcess> {
  return await startHttpProgram({
    name: "tinyproxy",
    package: "tinyproxy-bin",
    variable: "LAV_TEST_TINYPROXY",
    ready: /Accepting connections/,
    prepare: (folder, port) => {
      const file = join(folder, "tinyproxy.conf");
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
      return ["-d", "-c", file];
    },
  });
}
