import { createHmac, randomBytes } from "node:crypto";

/** Removes secrets from everything that leaves a run: terminal, journal, events, bundles. */
export interface Redactor {
  text(value: string): string;
  /** The same through every string of a structure, keys included; other values stay as they are. */
  value<T>(value: T): T;
}

interface Rule {
  readonly name: string;
  /** Its groups: what stays before the secret, and the secret itself. */
  readonly pattern: RegExp;
}

const words =
  "password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|authorization|credential";

const rules: readonly Rule[] = [
  {
    name: "pem",
    pattern: /()(-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$))/g,
  },
  { name: "url", pattern: /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:)([^\s@/]+)(?=@)/gi },
  { name: "bearer", pattern: /(\b(?:bearer|basic)\s+)([a-z0-9+/=_.~-]{6,})/gi },
  { name: "jwt", pattern: /()(\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)/g },
  { name: "aws", pattern: /()(\b(?:AKIA|ASIA)[A-Z0-9]{16}\b)/g },
  { name: "slack", pattern: /(hooks\.slack\.com\/services\/)([\w/]+)/g },
  {
    name: "key",
    pattern: new RegExp(`("[\\w.-]*(?:${words})[\\w.-]*"\\s*:\\s*")((?:[^"\\\\]|\\\\.)+)(?=")`, "gi"),
  },
  {
    name: "assign",
    pattern: new RegExp(`(\\b[\\w.-]*(?:${words})[\\w.-]*\\s*[=:]\\s*'?)([^\\s'"&,;}{\\]]{3,})`, "gi"),
  },
  { name: "requirepass", pattern: /(\b(?:requirepass|masterauth)\s+)(\S+)/gi },
  { name: "role", pattern: /(\bpassword\s+')((?:[^']|'')+)(?=')/gi },
];

/**
 * @param secrets values that must never be shown, whatever shape they appear in: as they are,
 *   percent-encoded, in base64 or escaped as JSON. Shorter than four characters they are not searched
 *   for, because they would turn every text into tokens.
 */
export function createRedactor(secrets: Iterable<string>, key: Buffer = randomBytes(32)): Redactor {
  const known = [...new Set([...secrets].filter((secret) => secret.length >= 4).flatMap(shapesOf))];
  // The longest first: a secret that contains another one must go as a whole.
  known.sort((a, b) => b.length - a.length);
  const token = (rule: string, secret: string): string => {
    const digest = createHmac("sha256", key).update(secret).digest("hex").slice(0, 8);
    return `‹secret:${rule}:${digest}›`;
  };
  const text = (value: string): string => {
    let clean = value;
    for (const secret of known) {
      if (clean.includes(secret)) clean = clean.replaceAll(secret, token("known", secret));
    }
    for (const rule of rules) {
      clean = clean.replaceAll(rule.pattern, (_all, before: string, secret: string) =>
        secret.includes("‹secret:") || /^\$\{?[A-Z_]+\}?$/.test(secret)
          ? `${before}${secret}`
          : `${before}${token(rule.name, secret)}`,
      );
    }
    return clean;
  };
  const value = (from: unknown): unknown => {
    if (typeof from === "string") return text(from);
    if (from === null || typeof from !== "object" || from instanceof Date || from instanceof Uint8Array)
      return from;
    if (Array.isArray(from)) return from.map(value);
    return Object.fromEntries(
      Object.entries(from).map(([name, item]) => [text(name), underName(name, item)]),
    );
  };
  const sensitive = new RegExp(`^[\\w.-]*(?:${words})[\\w.-]*$`, "i");
  const underName = (name: string, item: unknown): unknown =>
    typeof item === "string" &&
    item !== "" &&
    sensitive.test(name) &&
    !item.startsWith("$") &&
    !item.startsWith("‹secret:")
      ? token("key", item)
      : value(item);
  return { text, value: (from) => value(from) as typeof from };
}

function shapesOf(secret: string): string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
  return [secret, encodeURIComponent(secret), escaped, base64].filter((shape) => shape.length >= 4);
}
