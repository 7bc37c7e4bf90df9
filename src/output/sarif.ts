import { pathToFileURL } from "node:url";
import { isAbsolute, relative, resolve } from "node:path";
import { problemOf, ruleSentences, type Diagnostic } from "../language/diagnostic.ts";

/** What the log says of where it was made. */
export interface SarifContext {
  readonly version: string;
  /** The folder that paths are seen from. */
  readonly cwd: string;
}

/**
 * Diagnostics as a SARIF 2.1.0 log, which code hosts show beside the lines: OASIS, sarif-v2.1.0. Lines and columns
 * count from 1, columns in UTF-16 units, an end is the place behind.
 */
export function sarifText(diagnostics: readonly Diagnostic[], { version, cwd }: SarifContext): string {
  const rules = Object.entries(ruleSentences).map(([id, text]) => ({ id, shortDescription: { text } }));
  const results = diagnostics.map((one) => {
    const { rule, file, line, column, end_line, end_column, message, hint } = problemOf(one);
    return {
      ruleId: rule,
      ruleIndex: rules.findIndex(({ id }) => id === rule),
      level: one.warning === true ? "warning" : "error",
      message: { text: [message, hint].filter(Boolean).join(". ") },
      locations: [
        {
          physicalLocation: {
            artifactLocation: placeOf(file, cwd),
            region: { startLine: line, startColumn: column, endLine: end_line, endColumn: end_column },
          },
        },
      ],
    };
  });
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "lav-ir", semanticVersion: version, rules } },
        columnKind: "utf16CodeUnits",
        results,
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

/** A file below the working folder by its path from there: the log is read on another machine. */
function placeOf(file: string, cwd: string): { readonly uri: string; readonly uriBaseId?: string } {
  const absolute = resolve(cwd, file);
  const below = relative(cwd, absolute);
  if (below.startsWith("..") || isAbsolute(below)) return { uri: pathToFileURL(absolute).href };
  return { uri: below.split("/").map(encodeURIComponent).join("/"), uriBaseId: "%SRCROOT%" };
}
