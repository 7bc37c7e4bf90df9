// A review is one file of two hands: what is made of records stands between marks, all else is people's. The marks are
// comments of Markdown on lines of their own,
//
//     <!-- lav-ir timeline 3fa9c1d20b7e: made of records; write outside of the marks -->
//     ...
//     <!-- /lav-ir timeline -->
//
// and the digits are the digest of what stands between them: a text that somebody typed there is found, and not
// overwritten. The file is read byte by byte (each byte one character), so that people's part survives whatever its
// encoding and its line ends are.
import { createHash } from "node:crypto";
import { fail, ok, type Result } from "../../base/result.ts";
import { isBlockName, type BlockName } from "./blocks.ts";

/** Bytes of a file as characters of one byte each. */
export type ByteText = string;

/** People's bytes, or a generated part by its name. */
export type Piece =
  | { readonly is: "human"; readonly bytes: ByteText }
  | { readonly is: "block"; readonly name: BlockName; readonly body: ByteText };

/** What keeps a file from being one of ours, and in which line, from 1. */
export interface BrokenMark {
  readonly line: number;
  readonly message: string;
}

export function bytesOf(text: string): ByteText {
  return Buffer.from(text, "utf8").toString("latin1");
}

const opening = /^<!-- lav-ir ([\w-]+) ([0-9a-f]{12}): made of records; write outside of the marks -->$/;
const closing = /^<!-- \/lav-ir ([\w-]+) -->$/;
/** What was a mark once, or looks like one. */
const like = /<!--\s*\/?\s*lav-ir\b/i;

/** A generated part with its marks, and a line's end behind the last one. */
export function blockText(name: BlockName, rendered: string): ByteText {
  const body = bytesOf(rendered);
  const digest = digestOf(body);
  return `<!-- lav-ir ${name} ${digest}: made of records; write outside of the marks -->\n${body}\n<!-- /lav-ir ${name} -->\n`;
}

/** A line's end that an editor changed is no change. */
function digestOf(body: ByteText): string {
  return createHash("sha256").update(body.replaceAll("\r\n", "\n"), "latin1").digest("hex").slice(0, 12);
}

/** The pieces of a review's file, in their order. */
export function piecesOf(file: ByteText): Result<readonly Piece[], BrokenMark> {
  const pieces: Piece[] = [];
  const seen = new Set<string>();
  let human = "";
  let open: { readonly name: BlockName; readonly digest: string; readonly line: number } | undefined;
  let body = "";
  for (const [at, whole] of file.split(/(?<=\n)/).entries()) {
    const [line, text] = [at + 1, whole.replace(/\r?\n$/, "")];
    const [begins, ends] = [opening.exec(text), closing.exec(text)];
    if (open !== undefined) {
      if (ends?.[1] === open.name) {
        const made = body.replace(/\r?\n$/, "");
        if (digestOf(made) !== open.digest) return fail(typedInto(open.name, open.line, line));
        pieces.push({ is: "block", name: open.name, body: made });
        open = undefined;
      } else if (like.test(text))
        return broken(line, `a mark inside part ${open.name}, which begins at line ${open.line}`);
      else body += whole;
    } else if (begins !== null) {
      const [, name = "", digest = ""] = begins;
      if (!isBlockName(name)) return broken(line, `unknown part ${name}`);
      if (seen.has(name)) return broken(line, `the part ${name} occurs twice`);
      seen.add(name);
      if (human !== "") pieces.push({ is: "human", bytes: human });
      [human, body, open] = ["", "", { name, digest, line }];
    } else if (like.test(text))
      return broken(line, ends === null ? "this mark is broken" : `the end of a part that never began`);
    else human += whole;
  }
  if (open !== undefined) return broken(open.line, `the part ${open.name} does not end`);
  if (human !== "") pieces.push({ is: "human", bytes: human });
  return ok(pieces);
}

function broken(line: number, message: string): Result<never, BrokenMark> {
  return fail({ line, message });
}

function typedInto(name: BlockName, from: number, to: number): BrokenMark {
  return {
    line: from,
    message: `the part ${name} was changed by hand (lines ${from + 1} to ${to - 1}): move what was typed below line ${to}, or delete lines ${from} to ${to} to have the part written again at the end`,
  };
}
