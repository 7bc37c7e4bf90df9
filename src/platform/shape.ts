import {
  boolean,
  defaulted,
  duration,
  integer,
  list,
  map,
  named,
  node,
  object,
  oneOf,
  optional,
  required,
  text,
} from "../language/shape.ts";
import { approversShape } from "./approvers.ts";
import { askedFields, loginShape, tlsFiles, variable } from "./asked.ts";
import { incidentFields } from "./incident-plan.ts";
import { runsFields } from "./runs.ts";
import { filesField } from "./file-roots.ts";
import { programsField } from "./programs.ts";
import { secretsField } from "./secret-sources.ts";
import { mainStore } from "./stores.ts";

const instead =
  "Addresses may also come from the environment: DATABASE_URL, KAFKA_BROKERS, REDIS_URL, DOCKER_HOST.";
const line = text({ template: "none", instead });
const httpUrl = text({
  template: "none",
  instead,
  pattern: {
    test: /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/,
    says: "an http or https address without a password",
  },
});
/** It is printed in headers and plans: the environment is where a password belongs. */
const address = text({
  template: "none",
  instead,
  pattern: {
    test: /^(?!\w[\w+.-]*:\/\/[^/@]*:[^/]*@)(?!.*[?&]password=)\S+$/,
    says: "an address without a password",
  },
});

const tokenHelp =
  "ask the risk manager for a new emergency token, then export EMERGENCY_TOKEN, or EMERGENCY_TOKEN_FILE with its file";
const tradingDefaults = {
  service: "executioner",
  port: 3003,
  venues: "http://localhost:3010",
  book: "http://localhost:3002",
  orders: "orders",
  fills: "fills",
  deadline: 8000,
  proof: { window: 2500, every: 600 },
  token_help: tokenHelp,
  phones: [],
};

const evidenceDefaults = { tables: {}, rows: 10_000, bytes: 16_777_216, streams: [] };

/** `tls: true`, or what it takes of files. */
const tlsShape = object(
  { on: defaulted(boolean(), true, "false: connections are plain."), ...tlsFiles },
  { primary: "on" },
);
const saslShape = object({
  mechanism: required(oneOf("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"), "How the login is made."),
  user: required(line, "The login's name."),
  password: required(
    variable,
    "Name of the variable with its password; NAME_FILE may name a file of it instead.",
  ),
});

const postgresShape = object({
  url: required(address, "postgres://user@host:port/database, without a password."),
  admin: optional(
    address,
    "A login that may use the reserved connections (superuser_reserved_connections) and alter settings and roles: for postgres.* steps only. DATABASE_ADMIN_URL overrides this.",
  ),
});
const kafkaShape = object({
  brokers: required(list(address, { min: 1 }), "host:port of the brokers."),
  tls: optional(tlsShape, "Connections to the brokers are TLS."),
  sasl: optional(
    saslShape,
    "Connections log in. PLAIN sends the password as it is: it wants a word on tls, true or false.",
  ),
});
const redisShape = object({
  url: required(address, "redis://user@host:port, or rediss:// for TLS, without a password."),
  password: optional(
    variable,
    "Name of the variable with its password; NAME_FILE may name a file of it instead.",
  ),
  tls: optional(tlsShape, "What TLS to it takes."),
});
const serviceShape = object(
  {
    url: required(httpUrl, "Base URL of its API."),
    instances: optional(list(httpUrl, { min: 1 }), "Base URL of every instance, where there are several."),
    ...runsFields,
    health: defaulted(
      text({ template: "none", instead, pattern: { test: /^\/\S*$/, says: "a path that begins with /" } }),
      "/health",
      "The path that a snapshot asks each of its instances for.",
    ),
    ...askedFields,
    login: optional(
      loginShape,
      "Requests to it carry this login (Basic), unless they bring one of their own, as one with the emergency token does.",
    ),
    api: defaulted(boolean(), true, "false: it speaks no HTTP, and no snapshot asks it for its health."),
  },
  { primary: "url" },
);

const prometheusShape = object(
  {
    url: required(httpUrl, "Base URL of its HTTP API, without /api/v1."),
    ...askedFields,
  },
  { primary: "url" },
);

/** Everything `platform.yaml` may hold. Defaults are the mission's platform on localhost. */
export const platformShape = object({
  platform: required(line, "The platform's name, shown in every header."),
  production: defaulted(boolean(), false, "Names the environment in every question."),
  postgres: defaulted(
    named(postgresShape, mainStore),
    { main: { url: "postgres://localhost:5432/postgres" } },
    "One, or several by name, which a step chooses by `at`. DATABASE_URL, where it is set, goes before the one called main, DATABASE_URL_NAME before another.",
  ),
  kafka: defaulted(
    named(kafkaShape, mainStore),
    { main: { brokers: ["localhost:9092"] } },
    "One, or several by name. KAFKA_BROKERS, or KAFKA_BROKERS_NAME, goes before this.",
  ),
  redis: defaulted(
    named(redisShape, mainStore),
    { main: { url: "redis://localhost:6379" } },
    "One, or several by name. REDIS_URL, or REDIS_URL_NAME, goes before this.",
  ),
  docker: defaulted(
    object({
      host: optional(address, "unix:///path or tcp://host:port."),
      context: optional(line, "A context of Docker's own client, instead of host."),
      cert_path: optional(
        line,
        "TLS to host: the folder of ca.pem, cert.pem and key.pem, relative to this file.",
      ),
    }),
    {},
    "DOCKER_HOST and DOCKER_CONTEXT override this. With none of them: the context that docker itself uses, else this machine's socket.",
  ),
  compose: optional(
    object({
      project: required(line, "The Compose project's name."),
      files: required(list(line, { min: 1 }), "Compose files, relative to this file."),
      program: defaulted(
        list(line, { min: 1 }),
        ["docker", "compose"],
        "[docker, compose] for Compose 2, [docker-compose] for 1.29.",
      ),
      env_file: optional(
        list(line, { min: 1, lone: true }),
        "File, or files, with the variables that the Compose files interpolate (--env-file), relative to this file; Compose then reads no .env. Only who may change this file may be able to change them. Compose 1.29 takes one.",
      ),
      environment: optional(
        list(variable, { min: 1 }),
        "Names of variables that Compose gets from the environment of lav-ir, of which it sees nothing else. A run that makes containers is refused while one is not set.",
      ),
    }),
    "The Compose project that services run in.",
  ),
  services: required(map(serviceShape), "The platform's services by name."),
  prometheus: optional(
    named(prometheusShape, mainStore),
    "The Prometheus that prometheus.* steps ask: one, or several by name, which a step chooses by `at`.",
  ),
  objectives: optional(
    object({
      response: optional(
        object({
          P0: required(duration(), "Response time of a P0."),
          P1: required(duration(), "Response time of a P1."),
          P2: required(duration(), "Response time of a P2."),
          P3: required(duration(), "Response time of a P3."),
        }),
        "How long a person has to respond; clocks.answered says it now.",
      ),
      rpo: optional(duration(), "How much data may be lost at most."),
      mttr: optional(duration(), "How long mitigating an incident may take, on average."),
      stakeholders: optional(duration(), "How soon stakeholders must know."),
    }),
    "Figures over incidents.",
  ),
  ...incidentFields,
  trading: defaulted(
    object({
      service: defaulted(line, "executioner", "The service that sends orders."),
      port: defaulted(
        integer({ min: 1, max: 65_535 }),
        3003,
        "The port of its API inside a container: for instances that this file does not have.",
      ),
      venues: defaulted(httpUrl, "http://localhost:3010", "Base URL of the venues' own API."),
      book: defaulted(
        httpUrl,
        "http://localhost:3002",
        "Base URL of the service that keeps the platform's own positions.",
      ),
      orders: defaulted(line, "orders", "Kafka topic that orders come from."),
      fills: defaulted(line, "fills", "Kafka topic that fills go to."),
      deadline: defaulted(duration({ min: 100 }), 8000, "How long an instance has to answer a halt."),
      proof: defaulted(
        object({
          window: defaulted(
            duration({ min: 100 }),
            2500,
            "The longest that the proof may take, until two reads agree.",
          ),
          every: defaulted(duration({ min: 50 }), 600, "Pause between two reads."),
        }),
        { window: 2500, every: 600 },
        "How a halt is proven.",
      ),
      token_help: defaulted(line, tokenHelp, "What to do to get a new EMERGENCY_TOKEN."),
      phones: defaulted(
        list(object({ who: required(line, "A name or a desk."), phone: required(line, "The number.") })),
        [],
        "Whom to call when nothing answers, in this order.",
      ),
    }),
    tradingDefaults,
    "What halts trading, and how it is proven.",
  ),
  tls: optional(
    object({
      ca: required(
        line,
        "PEM file of the authority that vouches for the platform's own servers, relative to this file. HTTPS, rediss:// and PostgreSQL then trust it alone, and PostgreSQL's sslmode is verify-full where none is set.",
      ),
    }),
    "A private certificate authority. Certificates are always verified, whatever NODE_TLS_REJECT_UNAUTHORIZED says.",
  ),
  approvers: optional(
    approversShape,
    "Who may be the second person, by name: their SSH public keys. A key that is taken out counts no more.",
  ),
  evidence: defaulted(
    object({
      tables: defaulted(
        map(list(line)),
        {},
        "Tables whose rows a snapshot takes, each with its columns to be masked: `orders: [customer]`, or `[]`.",
      ),
      rows: defaulted(
        integer({ min: 1, max: 10_000_000 }),
        10_000,
        "Rows of one table, at most: the newest.",
      ),
      bytes: defaulted(
        integer({ min: 1024, max: 1_073_741_824 }),
        16_777_216,
        "Bytes of one table, at most.",
      ),
      streams: defaulted(list(line), [], "Redis streams whose state a snapshot reads."),
    }),
    evidenceDefaults,
    "What a snapshot takes of the contents of stores.",
  ),
  files: filesField,
  programs: programsField,
  secrets: secretsField,
  environments: optional(map(node()), "Overlays by name: the same keys, laid over these with --env NAME."),
});
