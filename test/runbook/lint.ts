import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { fail, ok } from "../../src/base/result.ts";
import { kindsByName } from "../../src/app/wiring/kinds.ts";
import { interlockNames } from "../../src/trading/interlocks.ts";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { loadRunbook, loadSource, type Loading } from "../../src/runbook/load.ts";
import type { Runbook } from "../../src/runbook/runbook.ts";

// Some kinds, always the same: what a message lists of them must not change with each new one.
const names =
  "exec http.get http.post kafka.lag kafka.ping kafka.topic kafka.topics redis.ping service.inspect service.logs service.recreate service.restart service.scale sql.exec sql.query";

export const loading: Loading = {
  kinds: new Map(
    names.split(" ").flatMap((name) => {
      const kind = kindsByName.get(name);
      return kind === undefined ? [] : [[name, kind] as const];
    }),
  ),
  interlocks: interlockNames,
  locate: (name, from) => {
    const path = join(dirname(from), `${name}.yaml`);
    return Promise.resolve(existsSync(path) ? ok(path) : fail(`no runbook named ${name} to include`));
  },
};

/** What `lav-ir lint` says of a text; "" when nothing is wrong with it. */
export async function linted(text: string): Promise<string> {
  const loaded = await loadSource({ path: "r.yaml", text }, loading);
  if (loaded.ok) return "";
  return loaded.failure.type === "unreadable"
    ? loaded.failure.message
    : loaded.failure.diagnostics.map(diagnosticText).join("\n");
}

/** The same of a file among others; the folder's own path reads DIR. */
export async function lintedFile(
  name: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "lav-ir-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  const loaded = await loadRunbook(join(folder, name), loading);
  if (loaded.ok) return "";
  const text =
    loaded.failure.type === "unreadable"
      ? loaded.failure.message
      : loaded.failure.diagnostics.map(diagnosticText).join("\n");
  return text.replaceAll(folder, "DIR");
}

/** A runbook that is right. */
export async function read(text: string): Promise<Runbook> {
  const loaded = await loadSource({ path: "r.yaml", text }, loading);
  if (loaded.ok) return loaded.value;
  throw new Error(await linted(text));
}
