import type { Secret } from "../secrets/secret.ts";
import type { BySeverity } from "./clocks.ts";
import type { IncidentPlan } from "./incident-plan.ts";
import type { Runs } from "./runs.ts";
import type { VouchedProgram } from "./programs.ts";
import type { SecretSources } from "./secret-sources.ts";
import type { Addressed, Stores } from "./stores.ts";

/** What LAV/ADAF is and where it runs: the contents of `platform.yaml` with one environment laid over it. */
export interface Platform {
  readonly name: string;
  /** The overlay in use (`--env`), or undefined for the file's own values. */
  readonly environment: string | undefined;
  /** Named in every question when true. */
  readonly production: boolean;
  /** The file it was read from, as the operator would name it. */
  readonly path: string;
  readonly postgres: Stores<PlatformPostgres>;
  readonly kafka: Stores<PlatformKafka>;
  readonly redis: Stores<PlatformRedis>;
  /** What the file says of the engine. The environment goes before it, and Docker's own settings behind. */
  readonly docker: PlatformDocker;
  /** Where the engine is, once it was found. */
  readonly engine?: PlatformEngine;
  /** The Compose project, where services run in one. */
  readonly compose?: ComposeProject;
  readonly services: Readonly<Record<string, PlatformService>>;
  /** None where the file has none: it is not asked for by anything but its own steps. */
  readonly prometheus?: Stores<PlatformPrometheus>;
  readonly objectives: Objectives;
  readonly trading: TradingPlatform;
  /** Who may be the second person. */
  readonly approvers: readonly Approver[];
  readonly evidence: PlatformEvidence;
  readonly tls?: PlatformTls;
  /** Folders below which file.* reads, by name: absolute. */
  readonly files?: Readonly<Record<string, string>>;
  /** What exec.read may run besides its own. */
  readonly programs?: readonly VouchedProgram[];
  /** Where secrets come from by name, after the environment. */
  readonly secrets?: SecretSources;
  /** Who responds to an incident, by which way, and how soon. */
  readonly incident: IncidentPlan;
  /** Variables of the environment that name a proxy for other programs. */
  readonly proxyVariables?: readonly string[];
}

export interface PlatformDocker {
  /** `unix:///var/run/docker.sock` or `tcp://host:port`. */
  readonly host?: string;
  /** A context of Docker's own client, instead. */
  readonly context?: string;
  /** The folder of ca.pem, cert.pem and key.pem; absolute. */
  readonly certs?: string;
}

export interface PlatformEngine {
  readonly host: string;
  readonly certs?: string;
  readonly tls?: {
    readonly ca?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: Secret | undefined;
  };
  readonly config?: string;
}

export interface PlatformPostgres extends Addressed {
  readonly url: string;
  /** A login that may use the connections the server keeps back. */
  readonly admin?: string;
}

export interface PlatformKafka extends Addressed {
  readonly brokers: readonly string[];
  /** Every connection to a broker is TLS. */
  readonly tls?: ServerTls;
  readonly sasl?: {
    readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
    readonly user: string;
    readonly password: NamedSecret;
  };
}

export interface PlatformRedis extends Addressed {
  readonly url: string;
  /** Where `url` has none. */
  readonly password?: NamedSecret;
  readonly tls?: ServerTls;
}

/** Files that TLS to one server takes, and what stands in them once they are read. */
export interface ServerTls {
  /** Absolute paths of PEM files. */
  readonly files: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly pem?: { readonly ca?: string; readonly cert?: string; readonly key?: Secret };
}

/** A secret by the name of its variable, and its value once it is read. */
export interface NamedSecret {
  readonly name: string;
  readonly value?: Secret;
}

/** Who vouches for the platform's servers. */
export interface PlatformTls {
  /** PEM file of the authority. */
  readonly file: string;
  /** What stands in it, once it is read: trusted instead of what Node trusts. */
  readonly ca?: string;
}

/** A person whose signature counts as a second person's yes. */
export interface Approver {
  readonly name: string;
  /** Public keys, a line each as `ssh-keygen` writes them. */
  readonly keys: readonly string[];
  /** Their logins, where they are not their name. */
  readonly logins: readonly string[];
}

/** What a snapshot takes of the contents of stores; everything else it takes without being told. */
export interface PlatformEvidence {
  /** Tables, each with the columns that are masked. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** Of one table, at most: the newest rows by primary key. */
  readonly rows: number;
  readonly bytes: number;
  /** Redis streams whose state is read. */
  readonly streams: readonly string[];
}

/** What sends orders, how it is halted, and where that can be seen without asking it. */
export interface TradingPlatform {
  /** The service that sends orders, as `services` names it. */
  readonly service: string;
  /** The port of its API inside a container: for instances that only the runner of the services knows. */
  readonly port: number;
  /** Base URL of the venues' own API, without a trailing slash. */
  readonly venues: string;
  /** Base URL of the service that keeps the platform's own positions, without a trailing slash. */
  readonly book: string;
  /** Kafka topics that orders and fills go through. */
  readonly topics: { readonly orders: string; readonly fills: string };
  /** Milliseconds an instance has to answer a halt. */
  readonly deadline: number;
  /** Milliseconds a proof looks at most, and between two of its reads. */
  readonly proof: { readonly window: number; readonly every: number };
  /** What an operator does to get a new token. */
  readonly tokenHelp: string;
  /** Whom to call when nothing answers. */
  readonly phones: readonly { readonly who: string; readonly phone: string }[];
}

export interface ComposeProject {
  readonly project: string;
  /** Compose files, relative to the platform file's folder. */
  readonly files: readonly string[];
  /** `[docker, compose]` or `[docker-compose]`. */
  readonly program: readonly string[];
  /** Files of what the Compose files interpolate: absolute. */
  readonly envFiles?: readonly string[];
  /** Names of variables that Compose gets from this process's environment. */
  readonly environment?: readonly string[];
}

export interface PlatformService {
  readonly name: string;
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Every instance's own base URL; at least one. */
  readonly instances: readonly string[];
  readonly runs: Runs;
  /** Path of its health check. */
  readonly health: string;
  /** What TLS to it takes, where that is not what it takes everywhere. */
  readonly tls?: ServerTls;
  /** Requests to it carry this login (Basic), unless they bring one of their own. */
  readonly login?: PlatformLogin;
  /** What carries requests to it; `none` and left out are the same to it. */
  readonly proxy?: PlatformProxy | "none";
  /** Whether it answers over HTTP: a store is named here only so that it can be looked at and restarted. */
  readonly api: boolean;
}

/** A login over HTTP (Basic). */
export interface PlatformLogin {
  readonly user: string;
  readonly password: NamedSecret;
}

export interface PlatformPrometheus extends Addressed {
  /** Base URL of its API, without a trailing slash. */
  readonly url: string;
  readonly tls?: ServerTls;
  /** Requests to it carry this login (Basic). */
  readonly login?: PlatformLogin;
  readonly proxy?: PlatformProxy | "none";
}

/** A proxy that carries HTTP to one server. */
export interface PlatformProxy {
  /** With its port, without a trailing slash: `http://proxy:3128`. */
  readonly url: string;
  readonly tls?: ServerTls;
  readonly login?: PlatformLogin;
}

/** What is to be reached, over incidents. Milliseconds. */
export interface Objectives {
  /** How long a person has to respond: the limits of the clock `answered`. */
  readonly response: BySeverity;
  /** How much data may be lost. */
  readonly rpo?: number;
  /** From declaring to mitigating. */
  readonly mttr?: number;
  /** Until stakeholders know. */
  readonly stakeholders?: number;
}
