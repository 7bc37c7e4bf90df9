import { fail, ok } from "../../base/result.ts";
import { defineKind, type Kind } from "../kind.ts";
import { redisCli } from "./redis-cli.ts";
import { object, optional, text } from "../../language/shape.ts";
import { shown } from "../format.ts";

interface Outputs {
  readonly info: Readonly<Record<string, unknown>>;
  readonly sections: readonly string[];
}

const word = { test: /^[a-z]+$/i, says: "one word" };

/** Sections of Redis itself, each of which is called as it is asked for; a module's are not. */
const core = [
  "server",
  "clients",
  "memory",
  "persistence",
  "stats",
  "replication",
  "cpu",
  "commandstats",
  "errorstats",
  "latencystats",
  "cluster",
  "keyspace",
];

export const redisInfo: Kind = defineKind<{ section?: string }, Outputs>({
  name: "redis.info",
  summary: "Redis's own figures",
  doc: 'INFO as a map of sections, in lower case: `info.memory.used_memory < 1000000000`, `info.replication.role == "master"`. Whole numbers are integers, other numbers double, `keys=1,expires=0` a map, the rest text.',
  effect: "read",
  args: object(
    {
      section: optional(
        text({ pattern: word }),
        "One section: memory, clients, replication, …; all when left out",
      ),
    },
    { primary: "section" },
  ),
  outputs: {
    info: {
      type: "map<string, dyn>",
      doc: "Section, then name",
      keys: { argument: "section", lone: core },
    },
    sections: { type: "list<string>", doc: "Names of the sections" },
  },
  store: "redis",
  unreachable: "unknown",
  undo: { how: "nothing" },
  plan: ({ section }, { redis }) =>
    `redis.info: read ${section === undefined ? "all figures" : `the section ${shown(section)}`} of Redis at ${redis}`,
  byHand: ({ section }, where) =>
    redisCli(where, ["INFO", ...(section === undefined ? [] : [shown(section)])]),
  execute: async ({ section }, { ports, signal }) => {
    const reply = await ports.redis.command(["INFO", ...(section === undefined ? [] : [section])], signal);
    if (!reply.ok) return reply;
    const target = `Redis at ${ports.redis.target}`;
    if (typeof reply.value !== "string") {
      return fail({ type: "unreadable", target, message: "the reply to INFO is not text" });
    }
    const info = parseInfo(reply.value);
    const sections = Object.keys(info);
    if (sections.length === 0) {
      return fail({
        type: "missing",
        target,
        message: `${target} has no section ${section ?? ""} in its INFO`,
      });
    }
    return ok({ info, sections });
  },
});

/** `# Memory`, then `used_memory:1024` a line. */
export function parseInfo(text: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const sections: Record<string, Record<string, unknown>> = {};
  let current: Record<string, unknown> = {};
  for (const line of text.split(/\r?\n/)) {
    const title = /^# (.+)$/.exec(line)?.[1];
    if (title !== undefined) {
      current = {};
      sections[title.toLowerCase()] = current;
      continue;
    }
    const at = line.indexOf(":");
    if (at > 0) current[line.slice(0, at)] = figure(line.slice(at + 1));
  }
  return sections;
}

function figure(text: string): unknown {
  if (/^-?\d{1,18}$/.test(text)) return BigInt(text);
  if (/^-?\d+\.\d+$/.test(text)) return Number(text);
  if (!/^\w+=[^,=]*(?:,[\w-]+=[^,=]*)*$/.test(text)) return text;
  return Object.fromEntries(
    text.split(",").map((pair) => {
      const [name = "", value = ""] = pair.split("=");
      return [name, figure(value)];
    }),
  );
}
