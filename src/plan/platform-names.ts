import { didYouMean, nearest } from "../base/suggest.ts";
import type { FieldSpec, ShapeSpec } from "../language/shape.ts";
import type { Diagnostic } from "../language/diagnostic.ts";
import { compile } from "../language/expression.ts";
import { Problems } from "../language/problems.ts";
import type { Source, Span } from "../language/source.ts";
import { render, type Names, type Value } from "../language/value.ts";
import type { Platform } from "../platform/platform.ts";
import { hintFor, whyNotRun, type RunnerUse } from "../platform/runs.ts";
import { expressionsOf, expressionsOfRung, type Written } from "../runbook/expressions.ts";
import { noStore } from "../kinds/store.ts";
import { mainStore } from "../platform/stores.ts";
import type { StoreKind } from "../ports/ports.ts";
import { allItems, type Item, type Runbook, type Step } from "../runbook/runbook.ts";
import { includedNames, itemNames, itemsOf } from "./names.ts";

/** What a service's entry holds, as expressions see it. */
const fields = [
  "name",
  "url",
  "instances",
  "api",
  "health",
] as const satisfies readonly (keyof Platform["services"][string])[];
/** Of a longer list the rest is looked at when it runs. */
const mostItems = 1000;

/**
 * Every name of a runbook, and of what it includes, that the platform file must have and has not: in the
 * header, in arguments, in expressions. Lint, plan and run ask here. What depends on the run, or on a
 * parameter without a value, is left to the run.
 */
export function namesMissing(runbook: Runbook, platform: Platform, names: Names): readonly Diagnostic[] {
  return new NameFinder(platform).runbook(runbook, names);
}

class NameFinder {
  private readonly platform: Platform;
  private readonly known: readonly string[];
  private readonly bySource = new Map<Source, Problems>();
  /** A place that is seen twice, for each item of a list, is told once. */
  private readonly told = new Set<string>();

  constructor(platform: Platform) {
    this.platform = platform;
    this.known = Object.keys(platform.services);
  }

  runbook(runbook: Runbook, names: Names): readonly Diagnostic[] {
    this.header(runbook);
    for (const rung of runbook.resolve) this.written(runbook, expressionsOfRung(rung), [names]);
    this.items(runbook, allItems(runbook), names);
    return [...this.bySource.values()].flatMap(({ list }) => list);
  }

  private header({ service, severity, source }: Runbook): void {
    const { severityNames } = this.platform.incident;
    if (severity !== undefined && !Object.hasOwn(severityNames, severity.name)) {
      const known = Object.keys(severityNames);
      const { name, span } = severity;
      const message = `${this.platform.path} has no severity ${name}${didYouMean(name, known)}`;
      this.named(
        source,
        span,
        message,
        `It has ${known.join(", ")}. Another is written severities: { ${name}: P1 }.`,
      );
    }
    if (service !== undefined) this.named(source, service.span, this.unknown(service.name), this.has());
  }

  private items(runbook: Runbook, items: readonly Item[], names: Names): void {
    for (const item of items) {
      if (item.type === "group") {
        const each = eachOf(item, names);
        this.written(runbook, expressionsOf(item), each);
        for (const here of each) this.items(runbook, item.items, here);
        continue;
      }
      if (item.type === "include") {
        this.written(runbook, expressionsOf(item), [names]);
        this.header(item.runbook);
        this.items(item.runbook, item.items, includedNames(item, this.platform, names));
        continue;
      }
      const each = eachOf(item, names);
      this.written(runbook, expressionsOf(item), each);
      for (const here of each) {
        this.value(runbook.source, item.args, item.kind.args.spec, here);
        if (item.kind.store !== undefined) this.store(runbook.source, item, item.kind.store, here);
      }
    }
  }

  /** The store that a step speaks to: the one it names, or the main one. */
  private store(source: Source, { at, span }: Step, kind: StoreKind, names: Names): void {
    const known = Object.keys(this.platform[kind] ?? {});
    // That there is none at all, its kind says.
    if (known.length === 0) return;
    if (at === undefined) {
      if (known.includes(mainStore)) return;
      this.named(source, span, noStore(kind, mainStore, known), `Name one: at: ${known[0] ?? ""}.`);
      return;
    }
    const name = render(at, names);
    if (!name.ok) {
      const hint = "Write the store's name, or ${item} of a foreach over a list that is written out.";
      this.named(source, at.span, "at must be known before anything runs", hint);
      return;
    }
    const asked = String(name.value);
    if (known.includes(asked)) return;
    const near = nearest(asked, known);
    const meant = near === undefined ? undefined : `Did you mean ${near}?`;
    this.named(source, at.span, noStore(kind, asked, known), meant);
  }

  /** Names that an argument gives, wherever in it they stand. */
  private value(source: Source, value: Value, shape: ShapeSpec, names: Names): void {
    switch (value.type) {
      case "constant":
        this.constant(source, value.value, shape, value.span);
        return;
      case "template": {
        if (usedOf(shape) === undefined) return;
        const rendered = render(value, names);
        if (rendered.ok) this.constant(source, rendered.value, shape, value.span);
        return;
      }
      case "list":
        if (shape.type === "list") for (const item of value.items) this.value(source, item, shape.of, names);
        return;
      case "fields":
        for (const [name, field] of Object.entries(value.fields)) {
          const inner = fieldShape(shape, name);
          if (inner !== undefined) this.value(source, field, inner, names);
        }
    }
  }

  private constant(source: Source, value: unknown, shape: ShapeSpec, span: Span): void {
    const use = usedOf(shape);
    if (use !== undefined && typeof value === "string") this.used(source, span, value, use);
    else if (Array.isArray(value) && shape.type === "list")
      for (const item of value) this.constant(source, item, shape.of, span);
    else if (typeof value === "object" && value !== null) {
      for (const [name, field] of Object.entries(value)) {
        const inner = fieldShape(shape, name);
        if (inner !== undefined) this.constant(source, field, inner, span);
      }
    }
  }

  private written({ source }: Runbook, all: readonly Written[], each: readonly Names[]): void {
    for (const written of all) {
      const { expression } = written;
      const asked = new Set(
        expression.reads.filter(({ guarded }) => guarded).map(({ names }) => names.slice(0, 3).join(" ")),
      );
      for (const { names, guarded, span } of expression.reads) {
        const [root, list, service, field] = names;
        if (root !== "platform" || list !== "services" || service === undefined) continue;
        if (guarded || asked.has(names.slice(0, 3).join(" "))) continue;
        const message = this.unknown(service) ?? unknownField(service, field);
        if (message !== undefined) this.within(source, written, span, message);
      }
      for (const { names, key, guarded } of expression.lookups) {
        if (guarded || names.length !== 2 || names[0] !== "platform" || names[1] !== "services") continue;
        const compiled = compile(expression.text.slice(key.start, key.end));
        for (const here of compiled.ok ? each : []) {
          const value = compiled.ok ? compiled.value.evaluate(here) : undefined;
          if (value?.ok !== true || typeof value.value !== "string") continue;
          const message = this.unknown(value.value);
          if (message !== undefined) this.within(source, written, key, message);
        }
      }
    }
  }

  private within(source: Source, { node, at }: Written, span: Span, message: string): void {
    if (this.first(source, node.span.start + at + span.start, message))
      this.problems(source).within(node, { message, span, hint: this.has() }, at);
  }

  /** What is wrong with a name of a service; `hint` where it is not which names there are. */
  private named(source: Source, span: Span, message: string | undefined, hint: string | undefined): void {
    if (message !== undefined && this.first(source, span.start, message))
      this.problems(source).add(span, message, hint);
  }

  private used(source: Source, span: Span, name: string, use: RunnerUse): void {
    const unknown = this.unknown(name);
    const runs = this.platform.services[name]?.runs;
    if (unknown !== undefined || runs === undefined) this.named(source, span, unknown, this.has());
    else this.named(source, span, whyNotRun(name, runs, use, this.platform.path), hintFor(runs));
  }

  /** What waits for the run, or for a parameter, reads `‹…›`. */
  private unknown(name: string): string | undefined {
    if (this.known.includes(name) || name.includes("‹")) return undefined;
    return `${this.platform.path} has no service ${name}${didYouMean(name, this.known)}`;
  }

  private has(): string {
    return this.known.length === 0 ? "It has none." : `It has ${this.known.join(", ")}.`;
  }

  private first(source: Source, place: number, message: string): boolean {
    const key = `${source.path} ${place} ${message}`;
    if (this.told.has(key)) return false;
    this.told.add(key);
    return true;
  }

  private problems(source: Source): Problems {
    const known = this.bySource.get(source) ?? new Problems(source, "name");
    this.bySource.set(source, known);
    return known;
  }
}

/** What a text that names a service asks of what runs it; undefined of one that names none. */
function usedOf(shape: ShapeSpec): RunnerUse | undefined {
  return shape.type === "string" ? shape.refers : undefined;
}

function fieldShape(shape: ShapeSpec, name: string): ShapeSpec | undefined {
  if (shape.type === "map") return shape.of;
  if (shape.type !== "object" || !Object.hasOwn(shape.fields, name)) return undefined;
  const field: FieldSpec | undefined = shape.fields[name];
  return field?.shape;
}

function unknownField(service: string, field: string | undefined): string | undefined {
  if (field === undefined || fields.some((one) => one === field)) return undefined;
  return `the service ${service} has no ${field}${didYouMean(field, fields)}; it has ${fields.join(", ")}`;
}

/** The names of each run of a step: for a list that is known before anything runs, with its items. */
function eachOf({ foreach }: Pick<Step, "foreach">, names: Names): readonly Names[] {
  if (foreach === undefined) return [names];
  const list = itemsOf(foreach, names)?.slice(0, mostItems);
  return list?.map((item, index) => itemNames(names, item, index)) ?? [names];
}
