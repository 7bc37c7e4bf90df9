import { parse as parseArray } from "postgres-array";
import { jsonText } from "../../base/json.ts";
import { NoValue } from "../../base/no-value.ts";
import { jsonReader } from "../../language/json-text.ts";
import type { SqlValue } from "../../ports/ports.ts";

/** Reads a value from the text the server writes it as. */
export type Reader = (text: string) => SqlValue;

/** The server's own numbers of its types (pg_type.oid), which never change. */
const oid = {
  bool: [16, 1000],
  bytea: [17, 1001],
  int8: [20, 1016],
  int2: [21, 1005],
  int4: [23, 1007],
  oid: [26, 1028],
  xid: [28, 1011],
  xid8: [5069, 271],
  json: [114, 199],
  jsonb: [3802, 3807],
  float4: [700, 1021],
  float8: [701, 1022],
  numeric: [1700, 1231],
  timestamptz: [1184, 1185],
  text: [25, 1009],
  varchar: [1043, 1015],
  name: [19, 1003],
  uuid: [2950, 2951],
  interval: [1186, 1187],
  date: [1082, 1182],
  timestamp: [1114, 1115],
  inet: [869, 1041],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

/**
 * Readers by type: integers as bigint, `numeric` without a fraction as bigint where 64 bits hold it and else as
 * the nearest double; NaN and infinities as no value; timestamps with a zone as Date; JSON parsed, its
 * integers as bigint; bytes as bytes; arrays as lists. All the rest stays the server's text.
 */
export async function makeReaders(): Promise<(type: number) => Reader> {
  const read = await jsonReader();
  const json: Reader = (text) => {
    const { value } = read(text) ?? { value: text };
    return value instanceof NoValue ? new NoValue(value.why, text) : (value as SqlValue);
  };
  const plain: Reader = (text) => text;
  const single: Readonly<Record<keyof typeof oid, Reader>> = {
    bool: (text) => text === "t",
    bytea: bytes,
    int8: BigInt,
    int2: BigInt,
    int4: BigInt,
    oid: BigInt,
    xid: BigInt,
    xid8: BigInt,
    json,
    jsonb: json,
    float4: double,
    float8: double,
    numeric,
    timestamptz,
    text: plain,
    varchar: plain,
    name: plain,
    uuid: plain,
    interval: plain,
    date: plain,
    timestamp: plain,
    inet: plain,
  };
  const readers = new Map<number, Reader>();
  for (const [name, reader] of Object.entries(single) as [keyof typeof oid, Reader][]) {
    const [one, many] = oid[name];
    readers.set(one, reader);
    readers.set(many, (text) => readArray(text, reader));
  }
  return (type) => readers.get(type) ?? plain;
}

/** An expression's integers have 64 bits; what is longer is none to it. */
function whole(text: string): bigint | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** `12`, `12.50`, `NaN`: always a number, as near as a double comes, where it is one. */
function numeric(text: string): bigint | number | NoValue {
  return whole(text) ?? double(text);
}

/** NaN and infinities are no numbers, and no texts either: an expression that needs one is unknown. */
function double(text: string): number | NoValue {
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  const word = /^-?[a-z]+$/i.test(text);
  return new NoValue(
    word ? `${text} is no number` : `${text.slice(0, 40)} is beyond what a number holds`,
    text,
  );
}

/** The same with the name of its column in the reason. */
export function named(column: string, value: SqlValue): SqlValue {
  if (Array.isArray(value)) return value.map((item: SqlValue) => named(column, item));
  return value instanceof NoValue ? new NoValue(`${column}: ${value.why}`, value.shown) : value;
}

/** `2026-01-31 23:59:59.123456+00`, to the millisecond; `infinity` and years beyond a Date stay text. */
function timestamptz(text: string): Date | string {
  const parts = /^(\d{4})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)(?::?(\d\d))?$/.exec(text);
  if (parts === null) return text;
  const [, year, month, day, time, hours, minutes = "00"] = parts;
  const date = new Date(`${year}-${month}-${day}T${time}${hours}:${minutes}`);
  return Number.isNaN(date.getTime()) ? text : date;
}

function bytes(text: string): Uint8Array | string {
  return text.startsWith("\\x") ? new Uint8Array(Buffer.from(text.slice(2), "hex")) : text;
}

/** `{1,2,{"a \"b\"",NULL}}`; an array whose bounds do not start at 1 is written `[0:1]={…}`. */
function readArray(text: string, reader: Reader): SqlValue {
  try {
    return parseArray<SqlValue>(text, reader);
  } catch {
    // No array of PostgreSQL's: what was sent stays as it is.
    return text;
  }
}

/** A parameter as the protocol carries it: text, bytes or NULL. A list becomes an array, a map JSON. */
export function written(value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value)) return arrayText(value);
  return scalarText(value);
}

function scalarText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      return value instanceof Date ? value.toISOString() : jsonText(value);
    case "undefined":
    case "function":
    case "symbol":
      return "";
  }
}

function arrayText(items: readonly unknown[]): string {
  const texts = items.map((item) => {
    if (item === null || item === undefined) return "NULL";
    if (Array.isArray(item)) return arrayText(item);
    const text = item instanceof Uint8Array ? `\\x${Buffer.from(item).toString("hex")}` : scalarText(item);
    return `"${text.replaceAll(/(["\\])/g, "\\$1")}"`;
  });
  return `{${texts.join(",")}}`;
}
