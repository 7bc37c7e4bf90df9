import { jsonText } from "../../base/json.ts";

/** `%d`, `%.2f`; `%%` is one character. */
const clause = /%(?:(%)|(?:\.(\d+))?([a-zA-Z])|(.?))/gsu;

/**
 * cel-go's `format`: each clause takes the next value.
 * @throws Error where a clause is none, takes another kind of value, or has none left
 */
export function formatted(text: string, values: readonly unknown[]): string {
  let next = 0;
  return text.replaceAll(clause, (found: string, percent?: string, digits?: string, letter?: string) => {
    if (percent !== undefined) return "%";
    const write = letter === undefined ? undefined : clauses[letter];
    if (write === undefined) throw new Error(`format() has no clause ${found}`);
    if (next >= values.length)
      throw new Error(`format() has ${values.length} values, and ${found} needs one more`);
    const value = values[next++];
    const written = write(value, Number(digits ?? 6));
    if (written === undefined) throw new Error(`format(): ${found} does not take ${kindOf(value)}`);
    return written;
  });
}

type Clause = (value: unknown, digits: number) => string | undefined;

const clauses: Readonly<Record<string, Clause>> = {
  s: (value) => plain(value),
  d: (value) => (isNumber(value) ? String(value) : undefined),
  f: (value, digits) => (isNumber(value) ? fixed(value, digits) : undefined),
  e: (value, digits) => (isNumber(value) ? scientific(Number(value), digits) : undefined),
  x: hex,
  X: (value) => hex(value)?.toUpperCase(),
  o: (value) => inBase(value, 8),
  b: (value) => (typeof value === "boolean" ? (value ? "1" : "0") : inBase(value, 2)),
};

function isNumber(value: unknown): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}

/** A half that the double holds exactly goes to the even digit, as in Go; JavaScript's toFixed takes it away from 0. */
function fixed(value: bigint | number, digits: number): string {
  const most = Math.min(digits, 100);
  const zeros = most === 0 ? "" : `.${"0".repeat(most)}`;
  // Beyond this, toFixed writes an exponent, and a double is a whole number.
  if (typeof value === "bigint" || Math.abs(value) >= 1e21) return `${BigInt(value)}${zeros}`;
  const exact = value.toFixed(100);
  const cut = exact.indexOf(".") + (most === 0 ? 0 : most + 1);
  const kept = exact.slice(0, cut);
  const half = /^5?0*$/.test(exact.slice(cut).replace(/^\./, ""));
  return half && /[02468]$/.test(kept) ? kept : value.toFixed(most);
}

/** The exponent has two digits at least. */
function scientific(value: number, digits: number): string {
  return value.toExponential(Math.min(digits, 100)).replace(/e([+-])(\d)$/, "e$10$2");
}

function inBase(value: unknown, base: number): string | undefined {
  return typeof value === "bigint" ? value.toString(base) : undefined;
}

function hex(value: unknown): string | undefined {
  if (typeof value === "string") return Buffer.from(value, "utf8").toString("hex");
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return inBase(value, 16);
}

/** A value as a person reads it: lists and maps too, in CEL's own writing. */
function plain(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (value instanceof Date) return value.toISOString().replace(/\.000Z$/, "Z");
  if (Array.isArray(value)) return `[${value.map(plain).join(", ")}]`;
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof Map || Object.getPrototypeOf(value) === Object.prototype) return plainMap(value);
  // A duration or a type, which say themselves.
  return `${value as unknown as string}`;
}

function plainMap(value: object): string {
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  const written = entries.map(([key, item]): [string, string] => [plain(key) ?? "", plain(item) ?? ""]);
  return `{${written
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${key}: ${item}`)
    .join(", ")}}`;
}

function kindOf(value: unknown): string {
  return isNumber(value)
    ? `the number ${value}`
    : typeof value === "object"
      ? "that kind of value"
      : jsonText(value);
}
