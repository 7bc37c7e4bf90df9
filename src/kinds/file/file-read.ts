import { fail, ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import { defaulted, integer, object } from "../../language/shape.ts";
import { shown } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import { checkFile, checkPath, fileField, fileText, placeOf, wholePath } from "./file-place.ts";
import { isBinary, linesOf } from "./file-text.ts";

interface Args {
  readonly file: string;
  readonly max_bytes: number;
}

interface Outputs {
  readonly text: string;
  readonly lines: readonly string[];
  readonly size: number;
  readonly modified: Date;
  readonly age: number;
  readonly truncated: boolean;
}

export const fileRead: Kind = defineKind<Args, Outputs>({
  name: "file.read",
  summary: "A file of this machine: its text, age and size",
  doc: [
    "Reads the end of a file below one of the folders that the platform file names in `files`: `file.read: logs/deploy.txt`. No link is followed out of that folder; a pipe, a device or a binary file is not read.",
    "The file is read as it was when it was opened; what is written to it later is not in the text. One that is not there is a failed finding, a folder that cannot be read is unknown.",
  ].join("\n\n"),
  effect: "read",
  reaches: "nothing",
  args: object(
    {
      file: fileField,
      max_bytes: defaulted(
        integer({ min: 1, max: 16_777_216 }),
        1_048_576,
        "Bytes that are kept: the newest",
      ),
    },
    { primary: "file" },
  ),
  outputs: {
    text: { type: "string", doc: "Its text, the last `max_bytes` of it" },
    lines: { type: "list<string>", doc: "The lines of that" },
    size: { type: "int", doc: "Bytes of the whole file" },
    modified: { type: "timestamp", doc: "When it was last written to" },
    age: { type: "duration", doc: "Time since then" },
    truncated: { type: "bool", doc: "The file is longer than the text" },
  },
  unreachable: "unknown",
  absent: "failed",
  undo: { how: "nothing" },
  check: checkFile,
  plan: (args, where) => `file.read: read ${fileText(args, where)}`,
  byHand: (args, where) => shellLine(["tail", "-c", shown(args["max_bytes"]), wholePath(args, where)]),
  execute: async ({ file, max_bytes: maxBytes }, { ports, signal }) => {
    const place = placeOf(file);
    const message = checkPath(file, place.path);
    if (message !== undefined)
      return fail({ type: "argument", target: "file.read", message, effect: "none" });
    const opened = await ports.files.open(place);
    if (!opened.ok) return opened;
    await using source = opened.value;
    let kept: Buffer = Buffer.alloc(0);
    for await (const piece of source.backwards(signal)) {
      if (!piece.ok) return piece;
      kept = Buffer.concat([piece.value, kept]);
      if (kept.length >= maxBytes) break;
    }
    if (isBinary(kept)) return fail({ type: "unreadable", target: file, message: "it is a binary file" });
    const { size, modified } = source.stat;
    const newest = kept.subarray(Math.max(0, kept.length - maxBytes));
    const lines = linesOf(newest);
    return ok({
      text: lines.length === 0 ? "" : Buffer.from(newest).toString("utf8").replaceAll("\0", ""),
      lines,
      size: Math.max(size, kept.length),
      modified,
      age: Math.max(0, ports.clock.now().getTime() - modified.getTime()),
      truncated: Math.max(size, kept.length) > maxBytes,
    });
  },
});
