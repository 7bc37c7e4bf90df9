import { createHash } from "node:crypto";
import { fail, ok, type Result } from "../base/result.ts";
import { boolean, list, oneOf } from "../language/shape.ts";
import type { Diagnostic } from "../language/diagnostic.ts";
import { firstKey, unknownKey } from "../language/read.ts";
import { Problems } from "../language/problems.ts";
import type { Source } from "../language/source.ts";
import type { MapNode, Node } from "../language/yaml.ts";
import { isOtherName, severities } from "../platform/severity.ts";
import { day, deadline, plainText as line, rungKeys, runbookKeys } from "./fields.ts";
import { refuseHidden } from "./hidden.ts";
import { entryOf, plain } from "./keys.ts";
import { condition } from "./parse-expression.ts";
import { readItems } from "./parse-items.ts";
import { emptyText, type StepContext, type Vocabulary } from "./parse-step.ts";
import { warnOfBraces } from "./braces-warning.ts";
import { warnOfOrder } from "./order-warning.ts";
import { readParams } from "./parse-params.ts";
import { readVerify } from "./parse-verify.ts";
import { rules } from "./rules.ts";
import { warnOfTimeout } from "./timeout-warning.ts";
import { warnOfUnused } from "./unused-warning.ts";
import type { Rung, Runbook } from "./runbook.ts";

const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Why a runbook is refused, and what of it was read all the same: for lint, which reports as much as is sure. */
export interface Unread {
  readonly diagnostics: readonly Diagnostic[];
  readonly read?: Runbook;
}

/**
 * Reads a YAML tree as a runbook and checks all of it, so that one lint shows every problem.
 * @param includes runbooks that its `include` steps name, already loaded.
 */
export function parseRunbook(
  node: Node,
  source: Source,
  { kinds, interlocks }: Vocabulary,
  includes: ReadonlyMap<string, Runbook>,
  earlier: readonly Diagnostic[],
): Result<Runbook, Unread> {
  const problems = new Problems(source);
  if (node.type !== "map") {
    problems.add(node.span, "a runbook is a map; it begins with runbook: NAME");
    return fail({ diagnostics: [...earlier, ...problems.list] });
  }
  for (const entry of node.entries) {
    if (!Object.hasOwn(runbookKeys, entry.key))
      unknownKey(entry, Object.keys(runbookKeys), "a runbook", problems);
  }
  refuseHidden(node, problems);
  const runbook = readRunbook(node, {
    problems,
    kinds,
    interlocks,
    includes,
    ids: new Set(writtenIds(node)),
  });
  const together = problems.under("structure");
  for (const rule of rules) rule(runbook, together);
  const own = problems.list.filter((problem) => problem.source === source);
  const found = [...earlier, ...own.toSorted((a, b) => a.span.start - b.span.start)];
  warnOfTimeout(runbook, node, problems);
  warnOfOrder(node, problems);
  warnOfUnused(runbook, problems, found.length > 0);
  warnOfBraces(runbook, problems);
  const read = { ...runbook, warnings: [...problems.warnings] };
  return found.length > 0 ? fail({ diagnostics: cut(found), read }) : ok(read);
}

/** As many as a person reads. */
const mostShown = 50;

function cut(found: readonly Diagnostic[]): readonly Diagnostic[] {
  const shown = found.slice(0, mostShown);
  const last = shown.at(-1);
  if (last === undefined || found.length === shown.length) return shown;
  const hint = [last.hint, `There are ${found.length - shown.length} more problems.`]
    .filter(Boolean)
    .join("\n  ");
  return [...shown.slice(0, -1), { ...last, hint }];
}

function readRunbook(node: MapNode, context: StepContext): Runbook {
  const { problems } = context;
  const { source } = problems;
  const named = plain(node, "runbook", line, problems);
  const id = named ?? "";
  if (entryOf(node, "runbook") === undefined)
    problems.add(firstKey(node), "a runbook begins with runbook: NAME");
  else if (named !== undefined && !namePattern.test(id)) {
    const hint = "Lower-case words joined by -, such as market-sentinel-down.";
    problems.add(
      entryOf(node, "runbook")?.value.span ?? node.span,
      `${id || emptyText} is not a valid runbook name`,
      hint,
    );
  }
  const service = plain(node, "service", line, problems);
  const section = (key: "diagnose" | "steps" | "after") => {
    const entry = entryOf(node, key);
    return entry === undefined ? [] : readItems(entry.value, key, context);
  };
  const runbook: Runbook = {
    id,
    named: entryOf(node, "runbook")?.value.span ?? node.span,
    title: plain(node, "title", line, problems) ?? id,
    severity: readSeverity(node, problems),
    service:
      service === undefined
        ? undefined
        : { name: service, span: entryOf(node, "service")?.value.span ?? node.span },
    owner: plain(node, "owner", line, problems),
    alerts: plain(node, "alerts", list(line), problems) ?? [],
    links: plain(node, "links", list(line), problems) ?? [],
    reviewed: plain(node, "reviewed", day, problems),
    symptoms: plain(node, "symptoms", list(line), problems) ?? [],
    params: readParams(node, problems),
    secrets: readSecrets(node, problems),
    timeout: plain(node, "timeout", deadline, problems),
    tolerate: plain(node, "tolerate", boolean(), problems) ?? false,
    diagnose: section("diagnose"),
    steps: section("steps"),
    resolve: readLadder(node, context),
    after: section("after"),
    prevent: plain(node, "prevent", list(line), problems) ?? [],
    warnings: [],
    source,
    digest: digestOf(source, context.includes),
  };
  const parts = ["diagnose", "steps", "resolve"].filter((key) => entryOf(node, key) !== undefined);
  if (parts.length === 0)
    problems.add(firstKey(node), "this runbook does nothing", "Give it diagnose, steps or resolve.");
  if (runbook.resolve.length > 0 && entryOf(node, "diagnose") === undefined) {
    const hint = "A ladder is climbed while findings persist; without a diagnosis there are none.";
    problems.add(entryOf(node, "resolve")?.keySpan ?? node.span, "resolve needs diagnose", hint);
  }
  return runbook;
}

/** Ids that stand in the file anywhere: a generated one must not take a name that comes later. */
function* writtenIds(node: Node): Generator<string> {
  if (node.type === "list") for (const item of node.items) yield* writtenIds(item);
  if (node.type !== "map") return;
  for (const { key, value } of node.entries) {
    if (key === "id" && value.type === "scalar") yield String(value.value);
    else yield* writtenIds(value);
  }
}

function readSecrets(node: MapNode, problems: Problems): Runbook["secrets"] {
  const entry = entryOf(node, "secrets");
  if (entry === undefined) return [];
  if (entry.value.type !== "list") {
    problems.add(entry.value.span, "secrets must be a list of environment variables");
    return [];
  }
  return entry.value.items.flatMap((item) => {
    const name = item.type === "scalar" ? String(item.value) : "";
    if (/^[A-Z][A-Z0-9_]*$/.test(name)) return [{ name, span: item.span }];
    problems.add(item.span, "a secret is named by its environment variable", "Such as EMERGENCY_TOKEN.");
    return [];
  });
}

function readLadder(node: MapNode, context: StepContext): readonly Rung[] {
  const { problems } = context;
  const entry = entryOf(node, "resolve");
  if (entry === undefined) return [];
  if (entry.value.type !== "list") {
    problems.add(entry.value.span, "resolve must be a list of rungs");
    return [];
  }
  return entry.value.items.flatMap((item) => {
    if (item.type !== "map") {
      problems.add(item.span, "a rung is a map; it begins with rung: NAME");
      return [];
    }
    for (const key of item.entries) {
      if (!Object.hasOwn(rungKeys, key.key)) unknownKey(key, Object.keys(rungKeys), "a rung", problems);
    }
    const named = plain(item, "rung", line, problems);
    const id = named ?? "";
    const place = entryOf(item, "rung");
    if (place === undefined) problems.add(firstKey(item), "a rung begins with rung: NAME");
    else if (named !== undefined && !namePattern.test(id))
      problems.add(place.value.span, `${id || emptyText} is not a valid rung name`);
    const steps = entryOf(item, "steps");
    if (steps === undefined) problems.add(firstKey(item), `rung ${id} needs steps`);
    return [
      {
        id,
        title: plain(item, "title", line, problems) ?? id,
        why: plain(item, "why", line, problems),
        when: condition(item, "when", problems),
        steps: steps === undefined ? [] : readItems(steps.value, "steps", context),
        verify: readVerify(item, context),
        span: place?.value.span ?? item.span,
      },
    ];
  });
}

function digestOf(source: Source, includes: ReadonlyMap<string, Runbook>): string {
  const hash = createHash("sha256").update(source.text);
  for (const name of [...includes.keys()].toSorted()) hash.update(`\0${name}\0${includes.get(name)?.digest}`);
  return hash.digest("hex");
}

/** One of the four, or a name that only the platform file can say what it means. */
function readSeverity(node: MapNode, problems: Problems): Runbook["severity"] {
  const entry = entryOf(node, "severity");
  if (entry === undefined) return undefined;
  const { value } = entry;
  const other = value.type === "scalar" && typeof value.value === "string" && isOtherName(value.value);
  const name = plain<string>(node, "severity", other ? line : oneOf(...severities), problems);
  return name === undefined ? undefined : { name, span: value.span };
}
