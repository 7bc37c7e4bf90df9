import { ok } from "../../base/result.ts";
import type { Records } from "../../ports/evidence.ts";
import type { Collector } from "../capture/collector.ts";
import { fieldsOf, listOf, tellMissing, writtenText, writeText } from "./written.ts";

/** What stopped trading: of each halt its journal and its receipt, those of the incident and those in the window. */
export function halts(records: Records): Collector {
  return {
    id: "halts.records",
    target: records.target,
    summary: "every halt's journal, and its receipt",
    volatile: false,
    order: 2,
    deadline: 15_000,
    cap: 64 * 1_048_576,
    collect: async (context) => {
      const all = await records.journals(context.since);
      if (!all.ok) return all;
      for (const { name, files } of all.value) {
        const read = await records.journal(name);
        if (read.ok) {
          writeText(context, `${name}/journal.ndjson`, read.value.text);
          for (const moment of read.value.moments) context.tell({ type: "event", source: name, ...moment });
          if (read.value.problem !== undefined) {
            const text = `the journal of ${name} is broken: line ${read.value.problem}`;
            context.tell({ type: "finding", text });
          }
        } else tellMissing(context, `journal of ${name}`, read.failure);
        for (const file of files) {
          const kept = await records.file(name, file);
          if (!kept.ok) tellMissing(context, `${name}/${file}`, kept.failure);
          else writeText(context, `${name}/${file}`, kept.value);
          const text = file === "receipt.json" && kept.ok ? lessThanProven(name, kept.value) : undefined;
          if (text !== undefined) context.tell({ type: "finding", text });
        }
        if (!files.includes("receipt.json")) {
          const text = `${name} has no receipt: it is not known whether it halted trading`;
          context.tell({ type: "finding", text });
        }
      }
      return all.value.length === 0 ? ok({ skipped: "nothing was halted in the window" }) : ok({});
    },
  };
}

/** What of a receipt someone should see first; undefined when it was proven. */
function lessThanProven(name: string, receipt: string): string | undefined {
  let fields;
  try {
    fields = fieldsOf(JSON.parse(receipt));
  } catch {
    return `the receipt of ${name} cannot be read`;
  }
  const outcome = writtenText(fields["outcome"]);
  if (outcome === "PROVEN") return undefined;
  const proof = fieldsOf(fields["proof"]);
  const why = [...listOf(proof["trading"]), ...listOf(proof["unknown"])].map((line) => writtenText(line));
  return `${name} is ${outcome === "" ? "without an outcome" : outcome}: ${why.join("; ")}`.slice(0, 1000);
}
