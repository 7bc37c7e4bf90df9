import { Chalk } from "chalk";

interface ColourStream {
  readonly isTTY?: boolean;
  getColorDepth?(env?: object): number;
}

/** Makes a text of one colour, or bold as well. */
export interface Paint {
  (text?: string): string;
  readonly bold: Paint;
}

type Name = "bold" | "cyan" | "dim" | "green" | "inverse" | "red" | "yellow";
export type Colours = Readonly<Record<Name, Paint>> & { readonly level: 0 | 1 | 2 | 3 };

/** Without the library: loaded, it asks the terminal what it can. */
const nothing: Paint = withBold((text = "") => text);
const none: Colours = {
  level: 0,
  bold: nothing,
  cyan: nothing,
  dim: nothing,
  green: nothing,
  inverse: nothing,
  red: nothing,
  yellow: nothing,
};

/**
 * Colours for one stream. Built from the stream's own depth, because chalk's detection colours even
 * under NO_COLOR=1; each of stdout and stderr is judged by itself.
 */
export function coloursFor(
  stream: ColourStream,
  env: Readonly<Record<string, string | undefined>>,
  wanted: boolean,
): Colours {
  const level = levelOf(stream, env, wanted);
  return level === 0 ? none : new Chalk({ level });
}

function levelOf(
  stream: ColourStream,
  env: Readonly<Record<string, string | undefined>>,
  wanted: boolean,
): 0 | 1 | 2 | 3 {
  const force = env["FORCE_COLOR"];
  if (!wanted) return 0;
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return 0;
  if (force !== undefined)
    return force === "0" || force === "false" ? 0 : force === "2" ? 2 : force === "3" ? 3 : 1;
  if (stream.isTTY !== true || env["TERM"] === "dumb") return 0;
  const depth = stream.getColorDepth?.(env) ?? 1;
  return depth >= 24 ? 3 : depth >= 8 ? 2 : depth >= 4 ? 1 : 0;
}

function withBold(paint: (text?: string) => string): Paint {
  const painted = paint as Paint & { bold: Paint };
  painted.bold = painted;
  return painted;
}
