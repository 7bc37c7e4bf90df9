/**
 * The outside world as the tool sees it. Each interface is implemented once, in the file of its name,
 * by wrapping ONE library or program that is loaded on first use. A driver never throws for what the
 * world did: it returns a Failure. Every call takes a signal; when it fires, the call ends.
 */
import type { Drift } from "../base/drift.ts";
import type { Failure } from "../base/failure.ts";
import type { Result } from "../base/result.ts";
import type { Files } from "./files.ts";
import type { IncidentDesk } from "./incident.ts";
import type { Kafka } from "./kafka.ts";
import type { Network } from "./network.ts";
import type { Prometheus } from "./prometheus.ts";
import type { Signatures } from "./signatures.ts";
import type { Interlocks, Trading } from "./trading.ts";

export interface Ports {
  readonly http: Http;
  readonly network: Network;
  readonly postgres: Postgres;
  readonly kafka: Kafka;
  readonly redis: Redis;
  /** Every store by its name. `postgres`, `kafka`, `redis` and `prometheus` are the main ones, or the one that a step names. */
  readonly stores: NamedStores;
  /** Where the platform file has one. */
  readonly prometheus?: Prometheus;
  readonly services: Services;
  readonly process: Processes;
  readonly files: Files;
  readonly prompt: Prompt;
  readonly clock: Clock;
  readonly trading: Trading;
  readonly interlocks: Interlocks;
  readonly signatures: Signatures;
  /** Without it nothing is captured before a change. */
  readonly evidence?: Evidence;
  /** Without it no step can speak to an incident. */
  readonly incident?: IncidentDesk;
}

/** What a platform may have several of. */
export type StoreKind = "postgres" | "kafka" | "redis" | "prometheus";

export interface NamedStores {
  readonly postgres: Readonly<Record<string, Postgres>>;
  readonly kafka: Readonly<Record<string, Kafka>>;
  readonly prometheus: Readonly<Record<string, Prometheus>>;
  readonly redis: Readonly<Record<string, Redis>>;
}

/** What a change would touch, for what is captured before it; `at` names a store other than the main one. */
export type EvidenceTarget =
  | { readonly type: "service"; readonly service: string }
  | { readonly type: "database" | "kafka" | "redis"; readonly at?: string };

export interface EvidenceCaptured {
  /** Collectors that took all there was. */
  readonly taken: readonly string[];
  /** The others, each with its reason. */
  readonly missed: readonly string[];
}

export interface EvidenceSealed {
  readonly snapshot: string;
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Head of its chain of custody, and the key that signed it. */
  readonly custody: string;
  readonly key?: string;
  readonly verdict: "complete" | "partial";
  readonly missing: readonly string[];
}

export interface EvidenceTaking {
  /** Everything is captured, or the time is over. It never rejects. */
  readonly captured: Promise<EvidenceCaptured>;
  /** A sentence when it could not be sealed. It never rejects. */
  readonly sealed: Promise<Result<EvidenceSealed, string>>;
  /** There will be no change: what is not sealed by now never is, and goes. Returns once it is gone; never rejects. */
  abandon(): Promise<void>;
}

/** Snapshots for a run. */
export interface Evidence {
  /** Begins at once to capture what a change of these targets destroys, for `within` milliseconds at most. */
  before(targets: readonly EvidenceTarget[], within: number, signal: AbortSignal): EvidenceTaking;
  /** Of the whole platform; `since` is the window in milliseconds. */
  take(since: number, signal: AbortSignal): Promise<Result<EvidenceSealed>>;
}

export type HttpMethod = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface HttpRequest {
  readonly method: HttpMethod;
  /** Absolute http or https URL. */
  readonly url: string;
  /** What a failure calls it where the URL is a secret: it then says nothing of the address. */
  readonly name?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes of the reply's body that are kept; what follows is not read. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  /** Names in lower case; a repeated header's values are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The body was longer than `maxBytes`. */
  readonly truncated: boolean;
  /** Milliseconds from the request to the status line, and to the end of the body. */
  readonly firstByte: number;
  readonly total: number;
  /** How its connection was made; undefined when an earlier request had left one open. */
  readonly connection?: HttpConnection;
}

export interface HttpConnection {
  /** Milliseconds from the request until the name was resolved, the connection made, TLS agreed on. */
  readonly resolved?: number;
  readonly connected?: number;
  readonly secured?: number;
  /** What the other side showed of itself. */
  readonly certificate?: {
    readonly subject: string;
    readonly issuer: string;
    readonly from: Date;
    readonly until: Date;
  };
}

export interface Http {
  request(request: HttpRequest): Promise<Result<HttpReply>>;
}

/** A value as it goes into or comes out of a database. Integers of any width are bigint. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array
  | readonly unknown[]
  | object;

export interface SqlRequest {
  readonly sql: string;
  readonly params: readonly unknown[];
  /** `read` runs in a read-only transaction, enforced by the server. */
  readonly mode: "read" | "write";
  /** Some statements (ALTER SYSTEM) cannot run in a transaction. Only for `write`. */
  readonly transaction: boolean;
  /**
   * Who asks. `admin` is the administrator's login, where there is one; `any` is the ordinary one, and the
   * administrator's when the server has no connection left for it. Ordinary when left out.
   */
  readonly login?: "any" | "admin";
  /** Milliseconds, enforced by the server. */
  readonly statementTimeout: number;
  readonly lockTimeout: number;
  readonly maxRows: number;
  readonly signal: AbortSignal;
}

export interface SqlReply {
  readonly rows: readonly Readonly<Record<string, SqlValue>>[];
  readonly columns: readonly string[];
  /** Rows returned or affected, as the server says. */
  readonly count: number;
  readonly truncated: boolean;
}

export interface Postgres {
  /** `host:port/database` for a plan; never a credential. */
  readonly target: string;
  query(request: SqlRequest): Promise<Result<SqlReply>>;
}

export interface Redis {
  /** `host:port/db` for a plan. */
  readonly target: string;
  /**
   * One command; bytes where a text would not carry them (RESTORE). Reads are checked by the kind against
   * its allow-list before they come here. In a reply, what is not UTF-8 is bytes.
   */
  command(command: readonly (string | Uint8Array)[], signal: AbortSignal): Promise<Result<unknown>>;
}

export interface Instance {
  /** The runner's own id (a full container id, a unit's name). */
  readonly id: string;
  readonly name: string;
  /** 1, 2, … of a scaled service. */
  readonly number: number;
  readonly state: "running" | "exited" | "created" | "restarting" | "paused" | "dead" | "removing";
  readonly health: "healthy" | "unhealthy" | "starting" | "none";
  readonly exitCode: number | undefined;
  readonly oomKilled: boolean;
  readonly restarts: number;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
  readonly image: string;
  /** Named volumes this instance mounts. */
  readonly volumes: readonly string[];
  /** Host ports fixed in its definition, those of a range each. */
  readonly hostPorts: readonly number[];
  /** How many instances its definition lets run side by side, and what stands in the way of more. */
  readonly limit: { readonly most: number; readonly why: string } | undefined;
}

export interface Volume {
  readonly name: string;
  /** Made for this platform: nothing that is done to a service of it may take it away. */
  readonly isOwn: boolean;
}

export interface LogLine {
  readonly instance: string;
  readonly stream: "stdout" | "stderr";
  readonly time: Date | undefined;
  readonly text: string;
}

/** What runs the platform's services, whatever that is: one driver for each kind of runner. */
export interface Services {
  /** The exact thing an action would touch, for a plan: `service market-sentinel of project lav`. */
  describe(service: string): string;
  /** The command a person would type for an action, as an argument list. */
  byHand(action: ServiceAction): readonly string[];
  /** Every instance, stopped ones included, in order of number. Empty when there is none. */
  inspect(service: string, signal: AbortSignal): Promise<Result<readonly Instance[]>>;
  logs(
    service: string,
    options: { readonly tail: number; readonly since?: Date; readonly maxBytes: number },
    signal: AbortSignal,
  ): Promise<Result<{ readonly lines: readonly LogLine[]; readonly truncated: boolean }>>;
  /** Every volume of the machine that this service's instances could mount, those of other platforms among them. */
  volumes(service: string, signal: AbortSignal): Promise<Result<readonly Volume[]>>;
  restart(service: string, signal: AbortSignal): Promise<Result<void>>;
  /** What is stopped already stays as it is. Done when none of those that are meant runs. */
  stop(choice: ServiceChoice, signal: AbortSignal): Promise<Result<void>>;
  /** What runs already stays as it is. Whether it runs on is the caller's to look at. */
  start(choice: ServiceChoice, signal: AbortSignal): Promise<Result<void>>;
  /**
   * What containers that the action makes would have otherwise than those there are. Fails with the code
   * VARIABLE_NOT_SET when a variable of the definition is not set that they need: the action then fails alike.
   */
  drift(
    action: Extract<ServiceAction, { do: "recreate" | "scale" }>,
    signal: AbortSignal,
  ): Promise<Result<Drift>>;
  /** Replaces every instance, stopped ones included, and keeps their number. */
  recreate(service: string, signal: AbortSignal): Promise<Result<void>>;
  scale(service: string, replicas: number, signal: AbortSignal): Promise<Result<void>>;
}

/** Instances of a service: those of these names, or all. */
export interface ServiceChoice {
  readonly service: string;
  readonly only?: readonly string[];
}

/** Numbers may be what a plan shows for one that is not known yet. */
export type ServiceAction =
  | { readonly do: "inspect" | "restart"; readonly service: string }
  | ({ readonly do: "stop" | "start" } & ServiceChoice)
  /** With `replicas`, as many as there are now; without, as many as the definition says. */
  | { readonly do: "recreate"; readonly service: string; readonly replicas?: number }
  | {
      readonly do: "logs";
      readonly service: string;
      readonly tail: number | string;
      /** Of what age the oldest line may be, in milliseconds. */
      readonly since?: number | string;
    }
  | { readonly do: "scale"; readonly service: string; readonly replicas: number | string };

export interface ProcessRequest {
  /** Program and arguments; never a shell line. */
  readonly command: readonly string[];
  /** Names of variables of this process that it gets; one that is not set is a failure. */
  readonly pass?: readonly string[];
  /** Added to those and to a minimal environment (PATH, HOME, LANG, TZ); nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Bytes kept of each stream: the newest. The rest is read and dropped. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Hears all that the program writes, as it comes: with its secrets. Never throws. */
  readonly onOutput?: OnOutput | undefined;
}

export type OnOutput = (piece: Uint8Array, stream: "stdout" | "stderr") => void;

export interface ProcessReply {
  /** null when it was killed by a signal. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes written in all, kept or not. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
}

export interface Processes {
  /** Why a program could not begin now: it is not there, nor its folder, nor a variable that it is given. */
  obstacle(request: Pick<ProcessRequest, "command" | "pass" | "env" | "cwd">): Promise<Failure | undefined>;
  /** Ends the whole process group when the signal fires, and waits for its end. */
  run(request: ProcessRequest): Promise<Result<ProcessReply>>;
}

/** Questions to the person at the terminal. Only there when one is. */
export interface Prompt {
  /** False without a terminal, or with --no-input: every question is then answered `no-terminal`. */
  readonly available: boolean;
  /** Who sits there, as the journal names them. */
  readonly person?: string;
  /** Default No; Enter alone is No. */
  confirm(question: string, signal: AbortSignal): Promise<Answer<boolean>>;
  /** Free text, which the caller compares with what it wants. */
  text(question: string, signal: AbortSignal): Promise<Answer<string>>;
  /** A text that may be long, and of several lines: taken as it comes, a line end and silence end it. */
  paste(question: string, signal: AbortSignal): Promise<Answer<string>>;
  choose(question: string, choices: readonly string[], signal: AbortSignal): Promise<Answer<string>>;
}

export type Answer<T> =
  | { readonly answered: true; readonly value: T }
  | { readonly answered: false; readonly why: "no-terminal" | "cancelled" };

export interface Clock {
  now(): Date;
  /** Milliseconds that only ever grow. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, or at once when the signal fires. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
