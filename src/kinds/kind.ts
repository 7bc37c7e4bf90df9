import type { Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import type { Result } from "../base/result.ts";
import type { EvidenceTarget, OnOutput, Ports, Services, StoreKind } from "../ports/ports.ts";
import type { ObjectShape } from "../language/shape.ts";

/** What a step can do to the world. An author may raise it, never lower it. */
export type Effect = "read" | "change" | "destructive";

/** Why a step of this kind with these arguments cannot be undone; undefined when it can, or changes nothing. */
export function whyIrreversible({ undo }: Kind, args: DisplayArgs): string | undefined {
  switch (undo.how) {
    case "nothing":
      return undefined;
    case "irreversible":
      return undo.why;
    case "steps":
      return undo.irreversible?.(args);
  }
}

/** The CEL type of an output, as `expect` sees it. `duration` outputs are returned in milliseconds. */
export type OutputType =
  | "int"
  | "double"
  | "string"
  | "bool"
  | "duration"
  | "timestamp"
  | "dyn"
  | "list<dyn>"
  | "list<string>"
  | "map<string, dyn>"
  | "map<string, string>";

export interface OutputSpec {
  readonly type: OutputType;
  readonly doc: string;
  /** True when it can be missing from a result; an expression on a missing output is `unknown`. */
  readonly optional?: boolean;
  /** All that it can be, where that is closed: lint refuses to compare it with anything else. */
  readonly values?: readonly string[];
  /**
   * Of a map: the argument that has its keys; where that is a text, the values with which it is the only key. Lint
   * refuses another key.
   */
  readonly keys?: { readonly argument: string; readonly lone?: readonly string[] };
  /** The argument without which it is never there; `says` it, and what to `write`. */
  readonly takes?: { readonly argument: string; readonly says: string; readonly write: string };
}

/** What an output is, with its values, for the reference and an editor. */
export function outputText({ doc, values }: OutputSpec): string {
  return values === undefined ? doc : `${doc}: ${values.join(", ")}`;
}

/** What a change will touch now, from live reads. */
export interface Preview {
  /** Sentences for a person, the most important first. */
  readonly lines: readonly string[];
  /** What the lines sum up or leave out, one by one: shown to who asks for it. */
  readonly details?: readonly string[];
  /**
   * Who and what: hashed into the approval digest. Never a counter that moves every second. A list, or one in a map, is
   * a set: the order in which a source names them is no part of it.
   */
  readonly binding: Json;
  /** Counters; one that grew by more than a tenth since the question was asked starts it over. */
  readonly counters: Readonly<Record<string, number | bigint>>;
  /** Amounts that consent depends on: it is void once one has moved by more than a tenth, up or down. */
  readonly moving?: Readonly<Record<string, number>>;
  /** What a destructive step is confirmed by typing: the number or name shown in `lines`. */
  readonly confirm: string;
  /** True when what is there now makes this change a destructive one: it is then asked for as one. */
  readonly destructive?: boolean;
}

/** Arguments as they are shown: what is not known yet is `‹steps.x.y›`, a secret is `$NAME`. */
export type DisplayArgs = Readonly<Record<string, unknown>>;

/** What a plan and a by-hand command may know of the platform: names and addresses, no connection. */
export interface Where {
  readonly postgres: string;
  readonly kafka: string;
  readonly redis: string;
  /** Every store by its name; the three above are the main ones, or the one that a step names. */
  readonly stores: Readonly<Record<StoreKind, Readonly<Record<string, string>>>>;
  /** How a command by hand gets into the store of each kind that is meant, and into every one by its name. */
  readonly access?: Readonly<Partial<Record<StoreKind, Access>>>;
  readonly accesses?: Readonly<Partial<Record<StoreKind, Readonly<Record<string, Access>>>>>;
  /** What curl takes to trust the server at an address and to log in there, each as a shell reads it. */
  readonly curlOptions?: (url: string, login: boolean) => readonly string[];
  /** The address of the proxy that carries a request there; undefined where it goes direct. */
  readonly via?: (url: string) => string | undefined;
  readonly services: Pick<Services, "describe" | "byHand">;
  /** The service that sends orders, with its addresses. */
  readonly trading: string;
  /** Base URL of what keeps the positions; undefined where the platform file has none. */
  readonly book?: string | undefined;
  /** Programs that the platform file vouches for: run so, they only look. */
  readonly programs: readonly Vouched[];
  /** Folders below which files are read, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** The platform file, as the operator named it. */
  readonly platform: string;
  /** Severities by every name that the platform file has for them: `SEV1` is `P0`. */
  readonly severities: Readonly<Record<string, string>>;
  /** Base URL of Prometheus; undefined where the platform file has none. */
  readonly prometheus?: string | undefined;
}

/** What a command by hand takes to log in and to trust a server: never a secret, only its variable. */
export interface Access {
  /** Instead of the address, as a shell reads it: `"$DATABASE_URL"`. */
  readonly to?: string;
  /** Options beside the address, each a word. */
  readonly options?: readonly string[];
  /** Variables of the command, as a shell reads them: `REDISCLI_AUTH="$REDIS_PASSWORD"`. */
  readonly variables?: readonly string[];
  /** What a person has to add where the command has no place for it; a sentence. */
  readonly note?: string;
}

/** An entry of the platform file's `programs`. */
export interface Vouched {
  /** The program and its arguments as they are written there, with `*` for one word and `**` for any number. */
  readonly words: readonly string[];
  /** The program's absolute path; undefined where this machine has none of that name. */
  readonly path?: string;
  /** `platform.yaml:31`. */
  readonly by: string;
}

/** A line of a checklist that a person ticked off. */
export interface Tick {
  /** The section that it is in. */
  readonly heading: string;
  readonly tick: string;
  readonly by: string;
  readonly at: Date;
}

/** The ticks of one step, in this process and in those that worked on the run before. */
export interface TickBook {
  readonly made: readonly Tick[];
  /** What an earlier process has on record, of a step that did not end badly; what is used is taken out. */
  readonly earlier: Tick[];
  /** On the disk before it returns, and among those that are made then. */
  make(tick: Omit<Tick, "at">): Promise<void>;
  /** The person has left the rest open: measured again in this process, nobody is asked again. */
  left: boolean;
}

export interface KindContext {
  readonly ports: Ports;
  readonly where: Where;
  /** Fires at the step's deadline, or when the operator kills the run. */
  readonly signal: AbortSignal;
  /** Milliseconds left of the step's deadline when it began. */
  readonly timeout: number;
  /** The same for every attempt at the same step of the same run: for Idempotency-Key headers. */
  readonly idempotencyKey: string;
  /** Of a step that a person ticks off: what is ticked already. Without it nothing is remembered. */
  readonly ticks?: TickBook;
  /** Hears what a program writes while it runs, where somebody looks on. */
  readonly live?: OnOutput;
  /** Who agreed to a two-person step that is now carried out: who asked for it, then the second person. */
  readonly people?: readonly [string, string];
  /** In `execute`: the binding part of the preview that consent was given to, where the kind has one. */
  readonly consented?: Json;
}

/** A step in the form it has in a runbook file. */
export type WrittenStep = { readonly [verb: string]: Json };

export type Undo<A> =
  /** A read changes nothing. */
  | { readonly how: "nothing" }
  /** There is no inverse; the plan says so with this reason. */
  | { readonly how: "irreversible"; readonly why: string }
  /** Steps that put back what `capture` recorded; undefined when that recording shows nothing to undo. */
  | {
      readonly how: "steps";
      readonly steps: (args: A, before: Json) => readonly WrittenStep[] | undefined;
      /** Why these arguments leave no inverse; undefined when they have one. */
      readonly irreversible?: (args: DisplayArgs) => string | undefined;
    };

/** What a kind expects of its own accord. */
export interface OwnExpectation<O> {
  /** Completes "expects that …", as the plan prints it: `Redis answers`. */
  readonly that: string;
  /** What of it these outputs do not hold, for a person; without it, having outputs is all there is to it. */
  readonly unmet?: (outputs: O) => string | undefined;
}

/**
 * One kind of step: everything the tool knows of it, in one file. `A` is its arguments after
 * rendering, `O` its outputs by their bare names.
 */
export interface KindDefinition<A, O extends object> {
  /** The verb in a runbook: `http.get`. */
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  /** Paragraphs for the reference; Markdown. */
  readonly doc: string;
  readonly effect: Effect;
  readonly args: ObjectShape<A>;
  readonly outputs: { readonly [K in keyof O]-?: OutputSpec };
  /** 2: a second person must agree, whatever the author says. */
  readonly approvers?: 2;
  /** Milliseconds; without it reads have 10 s and changes 60 s. */
  readonly timeout?: number;
  /** It does nothing but let time pass: the first interruption ends it, where others end by themselves. */
  readonly idle?: true;
  /** What it expects by itself: its step is a finding without an `expect`, which adds to this. */
  readonly expects?: OwnExpectation<O>;
  /** The kind of store that it speaks to: a step may name which one, `at: replica`. */
  readonly store?: StoreKind;
  /**
   * What of the platform it speaks to besides its `store` and what its `evidence` takes: no server of it, or the ones
   * at the addresses in its arguments. Without this and without a store it may be any of them, and a run does not
   * begin while one of them lacks its password.
   */
  readonly reaches?: "nothing" | "address";
  /** A person at the terminal answers it: without one nobody can. */
  readonly asks?: true;
  /** It makes containers from their definition: what this interpolates must be there before anything runs. */
  readonly makes?: "containers";
  /** Why these outputs lack what an expectation reads, `value` or `sum.errors`, and what to write; for a person. */
  readonly missing?: (path: readonly string[], outputs: O) => string | undefined;
  /**
   * What no answer means for a finding. `failed` where the one that is silent is the thing asked about: an
   * address, a server that is pinged. `unknown` where it is the instrument: the engine that tells of a
   * service, the broker that tells of a topic.
   */
  readonly unreachable: "failed" | "unknown";
  /** What it means that the instrument answers, and knows no such thing; without it the same as no answer. */
  readonly absent?: "failed" | "unknown";
  /** For a change: what it did, once it ended well, for a person: `ended 44 sessions`. Not a word that it does not know. */
  readonly did?: (outputs: O) => string;
  /** For a change: how running it twice is safe, shown in the reference; without it `retry` is an error. */
  readonly retrySafe?: string;
  /** The step as a plan prints it: verb, exact action, exact target, in one line. */
  readonly plan: (args: DisplayArgs, where: Where) => string;
  /** The plain command an operator would type without this tool. */
  readonly byHand: (args: DisplayArgs, where: Where) => string;
  readonly undo: Undo<A>;
  /**
   * What is wrong with arguments that each fit their shape, in one sentence; said before anything runs.
   * Values that are not known yet are `‹…›` and are to be let through.
   */
  readonly check?: (args: DisplayArgs, where: Where) => string | undefined;
  /** What a change of these arguments destroys: captured before it, while the operator reads the question. */
  readonly evidence?: (args: A) => readonly EvidenceTarget[];
  /** The state this change will replace, read before it acts: for undo, and for `happened`. */
  readonly capture?: (args: A, context: KindContext) => Promise<Result<Json>>;
  readonly preview?: (args: A, context: KindContext) => Promise<Result<Preview>>;
  /** Why it could not begin as things are; looked at with the preview, before anybody is asked. */
  readonly obstacle?: (args: A, context: KindContext) => Promise<Failure | undefined>;
  /**
   * After a crash between intent and outcome: did it take place? Looks, never acts.
   * `before` is what `capture` returned; `since` is when the intent was written.
   */
  readonly happened?: (
    args: A,
    before: Json,
    since: Date,
    context: KindContext,
  ) => Promise<"yes" | "no" | "unknown">;
  readonly execute: (args: A, context: KindContext) => Promise<Result<O>>;
}

/** A kind whose arguments have been checked against its own shape by the caller. */
export type Kind = KindDefinition<Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>>;

/** Kinds by their names. */
export interface Kinds {
  has(name: string): boolean;
  get(name: string): Kind | undefined;
  keys(): Iterable<string>;
}

/** Checks the definition against its own types and forgets them: the executor validates by shape. */
export function defineKind<A, O extends object>(definition: KindDefinition<A, O>): Kind {
  return definition as unknown as Kind;
}
