import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { timed, type Command } from "./child.ts";
import { root } from "./place.ts";

/** Other tools that do the same work; a program that is not there and cannot be had is left out. */
export interface Peers {
  readonly venom: string | undefined;
  readonly ansible: string | undefined;
  /** Versions of what is there, and why the rest is not. */
  readonly notes: readonly string[];
}

const cache = join(root, ".cache", "peers");
const venomModule = "github.com/ovh/venom/cmd/venom@v1.3.0-beta.2";
const ansibleVersion = "2.19.4";

export async function findPeers(say: (line: string) => void): Promise<Peers> {
  mkdirSync(cache, { recursive: true });
  const notes: string[] = [];
  const get = async (name: string, program: string, install: () => Promise<void>): Promise<boolean> => {
    if (existsSync(program)) return true;
    say(`installing ${name}, which is kept for the next time`);
    try {
      await install();
      return true;
    } catch (error) {
      const why = error instanceof Error ? (error.message.trim().split("\n").at(-1) ?? "") : String(error);
      notes.push(`${name} is left out: it is not installed and could not be (${why.replaceAll(root, "")})`);
      return false;
    }
  };

  const venom = join(cache, "venom");
  const hasVenom = await get("venom", venom, async () => {
    await timed({
      program: "go",
      args: ["install", venomModule],
      env: { GOBIN: cache, CGO_ENABLED: "0" },
      inherits: true,
    });
  });
  if (hasVenom) notes.push(`venom ${venomModule.split("@")[1] ?? ""}`);

  const environment = join(cache, "ansible");
  const ansible = join(environment, "bin", "ansible-playbook");
  const hasAnsible = await get("ansible", ansible, async () => {
    try {
      await timed({ program: "python3", args: ["-m", "venv", environment], inherits: true });
      const pip: Command = {
        program: join(environment, "bin", "pip"),
        args: ["install", "--quiet", `ansible-core==${ansibleVersion}`],
        inherits: true,
      };
      await timed(pip);
    } catch (error) {
      rmSync(environment, { recursive: true, force: true });
      throw error;
    }
  });
  if (hasAnsible) notes.push(`ansible-core ${ansibleVersion}`);
  return { venom: hasVenom ? venom : undefined, ansible: hasAnsible ? ansible : undefined, notes };
}
