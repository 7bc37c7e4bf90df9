import { fail, type Result } from "../base/result.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Diagnostic } from "../language/diagnostic.ts";
import { loadMatches } from "../language/expression.ts";
import { readSource, type Source, type Span } from "../language/source.ts";
import { parseYaml, type Node } from "../language/yaml.ts";
import { parseRunbook } from "./parse.ts";
import type { Runbook } from "./runbook.ts";

/** Why there is no runbook: problems in files, or one sentence when there is no file to point into. */
export type LoadProblem =
  | { readonly type: "diagnostics"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly type: "unreadable"; readonly message: string };

export interface Loading {
  readonly kinds: ReadonlyMap<string, Kind>;
  /** The path of a runbook named by `include`, seen from the file that includes it. */
  readonly locate: (name: string, from: string) => Promise<Result<string, string>>;
}

/** Reads, parses and checks the runbook in a file, and every runbook it includes. */
export async function loadRunbook(path: string, loading: Loading): Promise<Result<Runbook, LoadProblem>> {
  const source = await readSource(path);
  if (!source.ok) return fail({ type: "unreadable", message: source.failure });
  return await loadSource(source.value, loading);
}

/** The same from a text already read: a resumed run uses the text it began with. */
export async function loadSource(source: Source, loading: Loading): Promise<Result<Runbook, LoadProblem>> {
  const loaded = await loadText(source, loading, []);
  return loaded.ok ? loaded : fail({ type: "diagnostics", diagnostics: loaded.failure });
}

async function loadText(
  source: Source,
  loading: Loading,
  above: readonly string[],
): Promise<Result<Runbook, readonly Diagnostic[]>> {
  const { node, problems } = parseYaml(source);
  if (problems.length > 0) return fail(problems);
  if (node === undefined) {
    return fail([
      {
        message: "the file is empty; a runbook begins with runbook: NAME",
        source,
        span: { start: 0, end: 1 },
      },
    ]);
  }
  if (source.text.includes("matches")) await loadMatches();
  const includes = new Map<string, Runbook>();
  const earlier: Diagnostic[] = [];
  for (const { name, span } of includedBy(node)) {
    if (includes.has(name)) continue;
    const loaded = await loadInclude(name, span, source, loading, above);
    if (loaded.ok) includes.set(name, loaded.value);
    else earlier.push(...loaded.failure);
  }
  return parseRunbook(node, source, loading.kinds, includes, earlier);
}

async function loadInclude(
  name: string,
  span: Span,
  source: Source,
  loading: Loading,
  above: readonly string[],
): Promise<Result<Runbook, readonly Diagnostic[]>> {
  const located = await loading.locate(name, source.path);
  if (!located.ok) return fail([{ message: located.failure, source, span }]);
  const path = located.value;
  if (above.includes(path) || path === source.path) {
    const way = [...above, source.path, path].join(" → ");
    return fail([{ message: `these files include each other: ${way}`, source, span }]);
  }
  const text = await readSource(path);
  if (!text.ok) return fail([{ message: text.failure, source, span }]);
  return await loadText(text.value, loading, [...above, source.path]);
}

function* includedBy(node: Node): Generator<{ readonly name: string; readonly span: Span }> {
  if (node.type === "list") for (const item of node.items) yield* includedBy(item);
  if (node.type !== "map") return;
  for (const { key, value } of node.entries) {
    if (key === "include" && value.type === "scalar" && typeof value.value === "string") {
      yield { name: value.value, span: value.span };
    } else yield* includedBy(value);
  }
}
