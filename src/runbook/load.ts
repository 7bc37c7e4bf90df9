import { fail, type Result } from "../base/result.ts";
import type { Diagnostic } from "../language/diagnostic.ts";
import { loadEngines } from "../language/functions/others.ts";
import { isNothing } from "../language/read.ts";
import { readSource, type Source, type Span } from "../language/source.ts";
import { readTree } from "../language/tree.ts";
import type { Node } from "../language/yaml.ts";
import type { Vocabulary } from "./parse-step.ts";
import { parseRunbook, type Unread } from "./parse.ts";
import type { Runbook } from "./runbook.ts";

/** Why there is no runbook: problems in files, or one sentence when there is no file to point into. */
export type LoadProblem =
  | ({ readonly type: "diagnostics" } & Unread)
  | { readonly type: "unreadable"; readonly message: string };

export interface Loading extends Vocabulary {
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
  const loaded = await new Loader(loading).load(source, []);
  return loaded.ok ? loaded : fail({ type: "diagnostics", ...loaded.failure });
}

type Loaded = Result<Runbook, Unread>;

/** Deeper than anybody reads. */
const deepest = 8;

class Loader {
  private readonly loading: Loading;
  /** By path: a file that many others include is read once, and its problems are told once. */
  private readonly done = new Map<string, Loaded>();

  constructor(loading: Loading) {
    this.loading = loading;
  }

  async load(source: Source, above: readonly string[]): Promise<Loaded> {
    const { node, problems } = readTree(source);
    if (problems.length > 0) return fail({ diagnostics: problems });
    if (node === undefined || isNothing(node)) {
      const message = "the file is empty; a runbook begins with runbook: NAME";
      return fail({ diagnostics: [{ message, source, span: { start: 0, end: 0 } }] });
    }
    await loadEngines(source.text);
    const includes = new Map<string, Runbook>();
    const earlier: Diagnostic[] = [];
    const looked = new Set<string>();
    for (const { name, span } of includedBy(node)) {
      if (looked.has(name)) continue;
      looked.add(name);
      const loaded = await this.include(name, span, source, above);
      if (loaded.ok) includes.set(name, loaded.value);
      else earlier.push(...loaded.failure.diagnostics);
    }
    return parseRunbook(node, source, this.loading, includes, earlier);
  }

  private async include(name: string, span: Span, source: Source, above: readonly string[]): Promise<Loaded> {
    const problem = (message: string): Loaded => fail({ diagnostics: [{ message, source, span }] });
    const located = await this.loading.locate(name, source.path);
    if (!located.ok) return problem(located.failure);
    const path = located.value;
    const here = [...above, source.path];
    if (here.includes(path)) {
      const way = [...here.slice(here.indexOf(path)), path].join(" → ");
      return problem(`circular include: ${way}`);
    }
    if (here.length > deepest) return problem(`includes are nested more than ${deepest} deep here`);
    const before = this.done.get(path);
    if (before !== undefined) return before.ok ? before : fail({ diagnostics: [] });
    const text = await readSource(path);
    const loaded = text.ok ? await this.load(text.value, here) : problem(text.failure);
    this.done.set(path, loaded);
    return loaded;
  }
}

/** Includes stand where steps do: a request's body may have a key of the same name. */
function* includedBy(node: Node): Generator<{ readonly name: string; readonly span: Span }> {
  for (const key of ["diagnose", "steps", "after"]) yield* namedIn(valueOf(node, key));
  for (const rung of itemsOf(valueOf(node, "resolve"))) {
    for (const key of ["steps", "verify"]) yield* namedIn(valueOf(rung, key));
  }
}

function* namedIn(section: Node | undefined): Generator<{ readonly name: string; readonly span: Span }> {
  for (const item of itemsOf(section)) {
    const value = valueOf(item, "include");
    if (value?.type === "scalar" && typeof value.value === "string")
      yield { name: value.value, span: value.span };
    yield* namedIn(valueOf(item, "steps"));
  }
}

function itemsOf(node: Node | undefined): readonly Node[] {
  return node?.type === "list" ? node.items : [];
}

function valueOf(node: Node, key: string): Node | undefined {
  return node.type === "map" ? node.entries.find((entry) => entry.key === key)?.value : undefined;
}
