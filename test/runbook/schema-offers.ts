/** A value that an editor offers, and the part of the schema that it is offered at, as a JSON pointer. */
export interface Offer {
  readonly at: string;
  readonly value: unknown;
}

/** Every example of a schema, and every snippet as it is when nothing is typed at its places. */
export function offeredBy(schema: unknown, at = ""): readonly Offer[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { defaultSnippets, examples, ...rest } = schema as Readonly<Record<string, unknown>>;
  const snippets = Array.isArray(defaultSnippets) ? (defaultSnippets as readonly { body: unknown }[]) : [];
  return [
    ...snippets.map(({ body }) => ({ at, value: filled(body) })),
    ...(Array.isArray(examples) ? examples.map((value: unknown) => ({ at, value })) : []),
    ...Object.entries(rest).flatMap(([key, part]) =>
      offeredBy(part, `${at}/${encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"))}`),
    ),
  ];
}

function filled(body: unknown): unknown {
  if (typeof body === "string")
    return body.replaceAll(/(?<!\\)\$\{\d+:((?:\\.|[^}\\])*)\}/g, "$1").replaceAll(/\\([$}\\])/g, "$1");
  if (Array.isArray(body)) return body.map(filled);
  if (typeof body !== "object" || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [String(filled(key)), filled(value)]));
}
