import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { buildProgram } from "../../src/cli/program.ts";
import { prepareOutline } from "../../src/app/run/plan-of.ts";
import { kinds } from "../../src/app/wiring/all-kinds.ts";
import { planText } from "../../src/plan/print.ts";
import { quietWorld } from "./world.ts";

/** The pages with made parts, and the parts of each by the name of their markers. */
export async function madeParts(): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> {
  return {
    "README.md": { example: await example() },
    "docs/reference.md": { commands: commandTable(), kinds: kindTable() },
  };
}

/** Puts each block between its markers. @throws when a marker is missing */
export function fillBlocks(text: string, blocks: Readonly<Record<string, string>>): string {
  return Object.entries(blocks).reduce((page, [name, block]) => {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [page.indexOf(open), page.indexOf(close)];
    if (start === -1 || end < start) throw new Error(`the page has no ${open} … ${close}`);
    return `${page.slice(0, start + open.length)}\n${block}\n${page.slice(end)}`;
  }, text);
}

function commandTable(): string {
  const program = buildProgram(quietWorld(), () => {});
  const rows = program.commands
    .flatMap((command) => runnable(command))
    .map(({ usage, description }) => `| \`lav-ir ${usage}\` | ${description} |`);
  const globals = program.options
    .filter(({ long }) => long !== "--version")
    .map(({ flags }) => `\`${flags}\``)
    .join(", ");
  return ["| command | what it does |", "|---|---|", ...rows, "", `Global options: ${globals}.`].join("\n");
}

interface Runnable {
  readonly usage: string;
  readonly description: string;
}

/** A command and those below it; one that takes nothing itself only holds others together. */
function runnable(command: Command, before = ""): readonly Runnable[] {
  const below = command.commands.flatMap((one) => runnable(one, `${before}${command.name()} `));
  const holdsOnly = below.length > 0 && command.options.length + command.registeredArguments.length === 0;
  const own = { usage: `${before}${usageOf(command)}`, description: command.description() };
  return holdsOnly ? below : [own, ...below];
}

function usageOf(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name().toUpperCase()}${argument.variadic ? "…" : ""}`;
    return argument.required ? name : `[${name}]`;
  });
  // What one process says to another is no help's business, and none of this page's.
  const shown = command.options.filter(({ hidden }) => !hidden);
  const options = shown.map(({ flags }) => `[${flags}]`);
  return [command.name(), ...words, ...options].join(" ").replaceAll("|", "\\|");
}

function kindTable(): string {
  const rows = kinds.map(({ name, effect, summary }) => `| \`${name}\` | ${effect} | ${summary} |`);
  return ["| kind | effect | what it does |", "|---|---|---|", ...rows].join("\n");
}

async function example(): Promise<string> {
  const source = readFileSync(new URL("example.yaml", import.meta.url), "utf8");
  const plan = await prepareOutline(
    quietWorld(),
    { config: "runbooks/platform.yaml" },
    "test/reference/example.yaml",
    [],
  );
  if (!plan.ok) throw new Error(plan.failure.message);
  const printed = planText(plan.value).trimEnd();
  return ["```yaml", source.trimEnd(), "```", "", "```", printed, "```"].join("\n");
}
