import { createHash, randomBytes } from "node:crypto";

/** Something that must not leave: where it was planted, in which shape, and what of it is looked for. */
export interface Canary {
  readonly place: string;
  readonly shape: string;
  /** The text that holds it, as a program would write it. */
  readonly text: string;
  readonly secret: string;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** A shape: a secret's own form, and the text around it. */
const shapes: Readonly<Record<string, (secret: string) => { secret?: string; text: string }>> = {
  url: (secret) => ({ text: `dsn=postgres://lav:${secret}@db:5432/lav` }),
  "url without a name": (secret) => ({ text: `cache redis://:${secret}@cache:6379/0 is slow` }),
  bearer: (secret) => ({ text: `> Authorization: Bearer ${secret}` }),
  basic: (secret) => ({
    secret: base64(`u:${secret}`),
    text: `Authorization: Basic ${base64(`u:${secret}`)}`,
  }),
  json: (secret) => ({ text: `{"db_password":"${secret}","n":1}` }),
  "json in json": (secret) => ({ text: JSON.stringify({ msg: JSON.stringify({ api_key: secret }) }) }),
  yaml: (secret) => ({ text: `  client_secret: ${secret}` }),
  query: (secret) => ({ text: `GET /x?access_token=${secret}&n=1 200` }),
  variable: (secret) => ({ text: `PGPASSWORD="${secret}" psql` }),
  requirepass: (secret) => ({ text: `requirepass ${secret}` }),
  role: (secret) => ({ text: `CREATE ROLE x LOGIN PASSWORD '${secret}'` }),
  jaas: (secret) => ({
    text: `org.apache.kafka.common.security.plain.PlainLoginModule required username="x" password="${secret}";`,
  }),
  cloud: (secret) => {
    const id = `AKIA${createHash("sha256").update(secret).digest("hex").slice(0, 16).toUpperCase()}`;
    return { secret: id, text: `aws_access_key_id ${id}` };
  },
  "cloud's other half": (secret) => ({ text: `aws_secret_access_key = ${secret}` }),
  jwt: (secret) => ({ text: `session eyJhbGciOiJIUzI1NiJ9.${secret}.${secret}` }),
  webhook: (secret) => ({ text: `posting to https://hooks.slack.com/services/T0/B0/${secret}` }),
  pem: (secret) => ({
    text: `-----BEGIN PRIVATE KEY-----\n${secret}${secret}\n-----END PRIVATE KEY-----`,
  }),
};

/** One of every shape, each with a secret of its own. */
export function canariesFor(place: string): readonly Canary[] {
  return Object.entries(shapes).map(([shape, write]) => {
    const random = randomBytes(15).toString("hex");
    const { secret = random, text } = write(random);
    return { place, shape, text, secret };
  });
}

/** The ways in which a secret that the tool was given is written on its way out. */
export function formsOf(secret: string): readonly string[] {
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    base64(secret),
    Buffer.from(secret).toString("hex"),
  ];
}

/** Characters in a row that nobody writes by chance. */
const telling = 12;

/** Those of which a piece stands in the text: where each was planted, and its shape. */
export function foundIn(text: string, canaries: readonly Canary[]): readonly string[] {
  const pieces = new Map<string, Canary>();
  for (const canary of canaries) {
    const { secret } = canary;
    for (let at = 0; at + telling <= secret.length; at++) pieces.set(secret.slice(at, at + telling), canary);
  }
  const found = new Set<Canary>();
  for (let at = 0; at + telling <= text.length; at++) {
    const canary = pieces.get(text.slice(at, at + telling));
    if (canary !== undefined) found.add(canary);
  }
  return [...found].map(({ place, shape }) => `${place}: ${shape}`);
}
