import { createReadStream } from "node:fs";
import { ok, type Result } from "../base/result.ts";
import type { World } from "../app/context/world.ts";
import { interrupted, refusal, type Refusal } from "../app/context/refusal.ts";

/** Characters: nothing that a person pastes is longer. */
const longest = 1024 * 1024;

/** A line that begins with `-----END`. */
const endMark = /^[>\s]*-----END.*-----\s*\n/m;

/**
 * A text in a file, on standard input (`-`), or pasted at the terminal.
 * @param last what a text that is pasted ends with: whoever pasted it can be asked something then
 */
export async function readGiven(
  world: World,
  name: string,
  asks: string,
  last: RegExp = endMark,
): Promise<Result<string, Refusal>> {
  if (name !== "-") {
    try {
      const text = await startOf(name);
      return text.length > longest ? refusal(`${name} is longer than ${longest} characters`) : ok(text);
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
      else if (pasted && last.test(text)) end(ok(text));
    };
    interruption.stop.addEventListener("abort", stopped);
    stdin.on("data", hear);
    stdin.once("end", () => end(ok(text)));
    stdin.once("error", () => end(ok(text)));
  });
}

/** A file, or one character more of it than is taken: a device has no end. */
async function startOf(path: string): Promise<string> {
  let text = "";
  for await (const chunk of createReadStream(path, "utf8")) {
    text += String(chunk);
    if (text.length > longest) break;
  }
  return text;
}
