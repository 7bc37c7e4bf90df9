import { isDeepStrictEqual } from "node:util";
import { isMap, isSeq, parseAllDocuments, parseDocument } from "yaml";
import { hooksEntry, hooksText } from "./ci-files.ts";

/** The file with the entry, or why it is to be added by hand. `there`: it is in it already. */
export type Added = { readonly text: string } | { readonly there: true } | { readonly byHand: string };

/**
 * Adds the entry behind the last of `repos`; every character that is there stays. Certain it is only where reading
 * the result gives what was there and the entry, and so that is what is asked.
 */
export function addHook(text: string, platformFile: string): Added {
  const documents = parseAllDocuments(text);
  const [document] = Array.isArray(documents) ? documents : [];
  if (document === undefined || !Array.isArray(documents) || documents.length > 1)
    return { byHand: "it is not one YAML document" };
  if (document.errors.length > 0) return { byHand: "it is not YAML" };
  const { contents } = document;
  const repos = isMap(contents) ? contents.get("repos", true) : undefined;
  if (!isMap(contents) || !isSeq(repos) || repos.flow === true || repos.items.length === 0)
    return { byHand: "repos is not a list with an entry a line" };
  if (hasHook(document.toJS())) return { there: true };
  const [start = 0, end = text.length] = repos.range ?? [];
  const column = start - (text.lastIndexOf("\n", start - 1) + 1);
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const lastLine = text.slice(0, end).trimEnd().length;
  const at = text.indexOf("\n", lastLine);
  const [before, after] = at === -1 ? [`${text}${newline}`, ""] : [text.slice(0, at + 1), text.slice(at + 1)];
  const entry = hooksText(platformFile, column).replaceAll("\n", newline);
  const added = `${before}${entry}${after}`;
  return holds(added, document.toJS(), platformFile)
    ? { text: added }
    : { byHand: "its layout leaves no certain place" };
}

function hasHook(read: unknown): boolean {
  const { repos = [] } = (read ?? {}) as { readonly repos?: readonly unknown[] };
  return repos.some((repo) => {
    const { hooks } = (repo ?? {}) as { readonly hooks?: unknown };
    return (
      Array.isArray(hooks) && hooks.some((hook: { readonly id?: unknown } | null) => hook?.id === "lav-ir")
    );
  });
}

function holds(added: string, before: unknown, platformFile: string): boolean {
  const read = parseDocument(added);
  if (read.errors.length > 0) return false;
  const { repos = [], ...rest } = before as { readonly repos?: readonly unknown[] };
  return isDeepStrictEqual(read.toJS(), { ...rest, repos: [...repos, hooksEntry(platformFile)] });
}
