import { badRequest, Refusal } from "./reply.ts";

/** Reading of requests: every method throws a Refusal that names the field. */
export type Fields = Readonly<Record<string, unknown>>;

/** A body as an object with no other keys than `allowed`. */
export function fieldsOf(contentType: string | undefined, body: string, allowed: readonly string[]): Fields {
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? "")) {
    const given = contentType ?? "no Content-Type";
    throw new Refusal(415, "unsupported_media_type", `this takes application/json, not ${given}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw badRequest("the body is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest("the body is not a JSON object");
  }
  const unknown = Object.keys(value).find((key) => !allowed.includes(key));
  if (unknown !== undefined) throw badRequest(unknownOf("field", unknown, allowed));
  return value as Fields;
}

export function textField(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string" || value.trim() === "") throw badRequest(`${name} is a text, and not empty`);
  return value;
}

export function optionalText(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined ? undefined : textField(fields, name);
}

/** A number above `above` and at most `most`. */
export function numberField(fields: Fields, name: string, above: number, most: number): number {
  const value = fields[name];
  if (typeof value !== "number" || !(value > above && value <= most)) {
    throw badRequest(`${name} is a number above ${above} and at most ${most}`);
  }
  return value;
}

export function wholeField(fields: Fields, name: string, least: number, most: number): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw badRequest(`${name} is a whole number between ${least} and ${most}`);
  }
  return value;
}

export function choiceField<T extends string>(fields: Fields, name: string, choices: readonly T[]): T {
  const value = fields[name];
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw badRequest(`${name} is one of ${choices.join(", ")}`);
  return found;
}

export function listField(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length === 0 || !value.every((item) => typeof item === "string")) {
    throw badRequest(`${name} is a list of texts, and not empty`);
  }
  return value;
}

/** A whole number of the query between `least` and `most`; the default when it is not given. */
export function wholeQuery(
  query: URLSearchParams,
  name: string,
  least: number,
  most: number,
  otherwise: number,
): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw badRequest(`${name} is a whole number between ${least} and ${most}`);
  }
  return value;
}

export function knownQuery(query: URLSearchParams, names: readonly string[]): void {
  const unknown = [...query.keys()].find((key) => !names.includes(key));
  if (unknown !== undefined) throw badRequest(unknownOf("parameter", unknown, names));
}

function unknownOf(what: string, unknown: string, known: readonly string[]): string {
  const there =
    known.length === 0 ? "this takes none" : `there ${known.length === 1 ? "is" : "are"} ${known.join(", ")}`;
  return `there is no ${what} ${JSON.stringify(unknown)}; ${there}`;
}

/** Milliseconds of "500ms", "30s", "10m", "1h" or a number of seconds, at most a day. */
export function milliseconds(value: unknown, name: string): number {
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(String(value));
  const result = match === null ? Number.NaN : Number(match[1]) * (units[match[2] ?? "s"] ?? 1000);
  if (!(result > 0 && result <= 86_400_000))
    throw badRequest(`${name} is a duration such as "1h", at most 24h`);
  return result;
}
