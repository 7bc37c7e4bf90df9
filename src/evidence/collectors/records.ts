import { ok } from "../../base/result.ts";
import type { Records } from "../../ports/evidence.ts";
import type { Collector } from "../capture/collector.ts";
import { tellMissing, writeJson, writeText } from "./written.ts";

const megabyte = 1_048_576;

/** The journals, up to where they are now: what is written while the snapshot is taken is not in it. */
export function journals(records: Records): Collector {
  return {
    id: "journal.records",
    target: records.target,
    summary: "the journal up to an offset, with the head of its chain",
    volatile: false,
    order: 2,
    deadline: 15_000,
    cap: 256 * megabyte,
    collect: async (context) => {
      const all = await records.journals(context.since);
      if (!all.ok) return all;
      const heads: object[] = [];
      for (const { name } of all.value) {
        const read = await records.journal(name);
        if (!read.ok) {
          tellMissing(context, `journal of ${name}`, read.failure);
          continue;
        }
        const { text, moments, ...head } = read.value;
        heads.push({ name, ...head });
        writeText(context, `${name}.ndjson`, text);
        if (head.problem !== undefined)
          context.tell({
            type: "finding",
            text: `the journal of ${name} is broken: line ${head.problem}`,
          });
        for (const moment of moments) context.tell({ type: "event", source: name, ...moment });
      }
      writeJson(context, "heads.json", heads);
      return all.value.length === 0 ? ok({ skipped: "there is no journal in the window" }) : ok({});
    },
  };
}

/** What runs keep beside the journal: the runbook they ran, and how to undo what they did. */
export function runs(records: Records): Collector {
  return {
    id: "runs.files",
    target: records.target,
    summary: "every run's runbook, plan and undo",
    volatile: false,
    order: 2,
    deadline: 15_000,
    cap: 64 * megabyte,
    collect: async (context) => {
      const all = await records.journals(context.since);
      if (!all.ok) return all;
      let count = 0;
      for (const { name, files } of all.value) {
        for (const file of files) {
          const read = await records.file(name, file);
          if (read.ok) writeText(context, `${name}/${file}`, read.value);
          else tellMissing(context, `${name}/${file}`, read.failure);
          count++;
        }
      }
      return count === 0 ? ok({ skipped: "no run kept a file in the window" }) : ok({});
    },
  };
}
