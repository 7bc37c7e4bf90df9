import { rmSync } from "node:fs";
import { dataFolder, findProgram, onFreePort, startChild } from "./child.ts";

/** A program of a package that serves HTTP. */
export interface HttpProgram {
  /** Of its program, and of its folder. */
  readonly name: string;
  /** Debian's package. */
  readonly package: string;
  /** The variable that names another program. */
  readonly variable: string;
  /** Writes what it reads into its folder. @returns its arguments */
  readonly prepare: (folder: string, port: number) => readonly string[];
  /** It has started when this stands in its log. */
  readonly ready: RegExp;
}

export interface HttpProcess {
  readonly port: number;
  readonly url: string;
  log(): string;
  stop(): Promise<void>;
}

/** One of its own on a free port of 127.0.0.1, gone with this process. */
export async function startHttpProgram(of: HttpProgram): Promise<HttpProcess> {
  const { name, variable } = of;
  const program = process.env[variable] ?? findProgram(name, ["/usr/bin", "/usr/local/bin"]);
  if (program === undefined) {
    throw new Error(
      `${name} is not here: install the package ${of.package}, or name the program in ${variable}`,
    );
  }
  const folder = dataFolder(name);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const onPort = async (port: number): Promise<HttpProcess> => {
    const child = await startChild({
      command: [program, ...of.prepare(folder, port)],
      cwd: folder,
      ready: of.ready,
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
