/**
 * What a snapshot reads of the world beyond what a step needs: all of a cluster, of an engine, of a
 * database, of a machine. Nothing here can change anything. As with all ports: failures are data, and
 * every call ends when its signal fires.
 */
import type { Failure } from "../base/failure.ts";
import type { Result } from "../base/result.ts";
import type { GroupLag } from "./kafka.ts";
import type { SqlReply } from "./ports.ts";

export interface Sources {
  readonly sql: SqlReader;
  readonly kafka: KafkaSurvey;
  /** The stores beside the main ones, by name: of Redis, where it is. */
  readonly others: {
    readonly postgres: Readonly<Record<string, SqlReader>>;
    readonly kafka: Readonly<Record<string, KafkaSurvey>>;
    readonly redis: Readonly<Record<string, string>>;
  };
  readonly engine: EngineReader;
  /** What runs services in containers, where something does. */
  readonly containers: ContainerRunner | undefined;
  readonly machine: Machine;
}

/** How the containers of the platform are told from others, and how their definition is asked for. */
export interface ContainerRunner {
  /** `project lav`. */
  readonly target: string;
  /** `name=value`: what every container of it bears. */
  readonly labels: readonly string[];
  /** Whether a container with these labels is of one of these services of the platform. */
  isOf(services: readonly string[], labels: Readonly<Record<string, unknown>>): boolean;
  readonly definition: {
    /** The collector's id, and its file in a bundle. */
    readonly id: string;
    readonly file: string;
    /** Prints it as YAML. */
    readonly command: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
}

/** The tool's own records: of the incident, or of the runs outside of one. */
export interface Records {
  /** The folder they are kept in. */
  readonly target: string;
  /** The incident's; without one those of runs that went on after `since`. The files beside each journal. */
  journals(
    since: Date,
  ): Promise<Result<readonly { readonly name: string; readonly files: readonly string[] }[]>>;
  journal(name: string): Promise<Result<JournalState>>;
  file(name: string, file: string): Promise<Result<string>>;
}

export interface JournalState {
  readonly text: string;
  /** Bytes of the journal that were read: whole lines. */
  readonly offset: number;
  readonly records: number;
  /** The last record's sum, as it stands in the next one. */
  readonly head: string;
  /** The first record that does not hold: its line, and why. */
  readonly problem?: string;
  /** What a person looks for on a timeline. */
  readonly moments: readonly Moment[];
}

/** Something that happened, as one line of a timeline. */
export interface Moment {
  readonly time: Date;
  readonly text: string;
  /** How bad; nothing where it is neither. */
  readonly severity?: "error" | "warning";
}

export interface SqlLimits {
  /** Milliseconds for the connection, and of each statement as the server enforces them. */
  readonly connectTimeout: number;
  readonly statementTimeout: number;
  readonly lockTimeout: number;
  readonly signal: AbortSignal;
}

/** Many reads in one read-only transaction. One that fails leaves the next ones as they would have been. */
export interface SqlReading {
  /** Why it is the administrator's login that reads: the ordinary one found no connection left. */
  readonly instead: Failure | undefined;
  rows(sql: string, maxRows: number): Promise<Result<SqlReply>>;
  /**
   * The rows of a SELECT as CSV with a header, by COPY, in pieces as they come.
   * @param take says false when it wants no more: the server is then told to stop, and `cut` is true.
   */
  csv(select: string, take: (piece: Uint8Array) => boolean): Promise<Result<{ readonly cut: boolean }>>;
}

export interface SqlReader {
  /** `host:port/database`; never a credential. */
  readonly target: string;
  /** A failure is one of the connection; what a single read came to is between it and `work`. */
  read(limits: SqlLimits, work: (reading: SqlReading) => Promise<void>): Promise<Result<void>>;
}

export interface SurveyPartition {
  readonly partition: number;
  /** Broker id; -1 when the partition has none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  /** Undefined where its leader did not tell. */
  readonly start: bigint | undefined;
  readonly end: bigint | undefined;
}

export interface SurveyTopic {
  readonly name: string;
  readonly internal: boolean;
  readonly partitions: readonly SurveyPartition[];
}

export interface Topology {
  readonly brokers: readonly { readonly id: number; readonly address: string }[];
  readonly controller: number | undefined;
  readonly clusterId: string;
  readonly topics: readonly SurveyTopic[];
  /** Parts that could not be read, each with its reason. */
  readonly missing: readonly { readonly what: string; readonly why: string }[];
  /** What was asked of whom, and how long it took; milliseconds. */
  readonly calls: readonly { readonly call: string; readonly broker: string; readonly took: number }[];
}

export interface SurveySettings {
  readonly of: "topic" | "broker";
  readonly name: string;
  readonly settings: readonly {
    readonly name: string;
    readonly value: string;
    /** Set on this topic or broker itself. */
    readonly own: boolean;
  }[];
  /** How many the broker keeps to itself. */
  readonly sensitive: number;
}

export interface SurveyGroup extends Omit<GroupLag, "partitions" | "unmeasured"> {
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    /** -1n: never committed. */
    readonly committed: bigint;
    /** Undefined where no leader told it. */
    readonly end: bigint | undefined;
    readonly lag: bigint | undefined;
  }[];
}

export interface GroupSurvey extends Pick<Topology, "missing" | "calls"> {
  readonly groups: readonly SurveyGroup[];
}

export interface KafkaSurvey {
  /** `host:port,host:port`. */
  readonly target: string;
  /** Every topic, Kafka's own too, with its offsets: one request, and two a broker. */
  topology(signal: AbortSignal): Promise<Result<Topology>>;
  /** Of every topic and every broker: one request a broker, and one for some hundred topics. */
  settings(
    signal: AbortSignal,
  ): Promise<Result<{ readonly all: readonly SurveySettings[]; readonly missing: Topology["missing"] }>>;
  /** Every group: two requests a broker, one a group, and one more a broker for the ends. */
  groups(signal: AbortSignal): Promise<Result<GroupSurvey>>;
}

/** GETs of the Docker Engine API; paths without the version. */
export interface EngineReader {
  /** `unix:///…` or `tcp://host:port`. */
  readonly target: string;
  json(path: string, signal: AbortSignal): Promise<Result<unknown>>;
  stream(path: string, signal: AbortSignal, onData: (chunk: Buffer) => void): Promise<Result<void>>;
  /** Lines as they end, each stream's in its order; `cut` when a line was longer than what is kept of one. */
  logs(
    container: string,
    window: { readonly since: Date; readonly until: Date },
    signal: AbortSignal,
    onLine: (line: EngineLine) => void,
  ): Promise<Result<{ readonly cut: boolean }>>;
}

export interface EngineLine {
  readonly stream: "stdout" | "stderr";
  /** RFC 3339 with nanoseconds, as the engine wrote it. */
  readonly stamp: string | undefined;
  readonly text: string;
}

/** The machine that the tool runs on, by its files. */
export interface Machine {
  readonly host: string;
  /** The first bytes of a file, as the kernel's files are read: their size says nothing. */
  text(path: string, maxBytes: number): Promise<Result<string>>;
  names(folder: string): Promise<Result<readonly string[]>>;
  /** Where a link leads. */
  link(path: string): Promise<Result<string>>;
  /** Of the file system that a path is on. */
  space(path: string): Promise<Result<Space>>;
  /** What the kernel's ring holds now, a record a line; it never waits for more. */
  kernelLog(maxBytes: number): Promise<Result<string>>;
}

export interface Space {
  readonly bytes: bigint;
  /** Free for an ordinary user. */
  readonly freeBytes: bigint;
  readonly inodes: bigint;
  readonly freeInodes: bigint;
}
