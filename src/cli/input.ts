import { readFile } from "node:fs/promises";
import { ok, type Result } from "../base/result.ts";
import type { World } from "../app/context/world.ts";
import { interrupted, refusal, type Refusal } from "../app/context/refusal.ts";

/** Characters: nothing that a person pastes is longer. */
const longest = 1024 * 1024;

/** A text in a file, on standard input (`-`), or pasted at the terminal to a line that begins with `-----END`. */
export async function readGiven(world: World, name: string, asks: string): Promise<Result<string, Refusal>> {
  if (name !== "-") {
    try {
      return ok(await readFile(name, "utf8"));
    } catch (error) {
      return refusal(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const { stdin, stderr, interruption, job } = world;
  const pasted = stdin.isTTY === true;
  if (pasted && !job.foreground())
    return refusal("cannot paste here: this process is in the background; name a file", "consent");
  if (pasted) stderr.write(`${asks}\n`);
  return await new Promise((resolve) => {
    let text = "";
    const end = (result: Result<string, Refusal>): void => {
      stdin.off("data", hear);
      stdin.pause();
      interruption.stop.removeEventListener("abort", stopped);
      resolve(result);
    };
    const stopped = (): void => {
      end(interrupted(world, "interrupted"));
    };
    const hear = (chunk: Buffer | string): void => {
      text += chunk.toString();
      if (text.length > longest) end(refusal(`more than ${longest} characters were pasted`));
      else if (pasted && /^[>\s]*-----END.*-----\s*\n/m.test(text)) end(ok(text));
    };
    interruption.stop.addEventListener("abort", stopped);
    stdin.on("data", hear);
    stdin.once("end", () => end(ok(text)));
    stdin.once("error", () => end(ok(text)));
  });
}
