import { Argument, Command, CommanderError, Option } from "commander";
import { StateFault } from "../store/state-check.ts";
import { hideSecrets } from "../app/wiring/secrets.ts";
import { buildClosing } from "./closing-commands.ts";
import { buildIncident } from "./incident-commands.ts";
import type { PruneOptions } from "./commands/prune.ts";
import type { SchemaOf } from "./commands/schema.ts";
import { namedCommand, unknownCommand, type NamedCommand } from "./named-command.ts";
import { buildSnapshot } from "./snapshot-commands.ts";
import type { GlobalOptions, World } from "../app/context/world.ts";
import { refusal } from "../app/context/refusal.ts";
import { refuse } from "../app/context/refuse.ts";

/** Reads the command line and runs one command. @returns the exit code. */
export async function main(args: readonly string[], world: World): Promise<number> {
  let exitCode = 0;
  const done = (code: number): void => {
    exitCode = code;
  };
  hideSecrets(world, {});
  const program = buildProgram(world, done);
  // A command line that cannot be read does not say what it asks for.
  const json = args.includes("--json");
  const named = namedCommand(program, args[0] === "help" ? args.slice(1) : args);
  if (args[0] === "help" && named.rest !== undefined)
    return refuse(world, { json }, refusal(unknownCommand(named, named.rest)).failure);
  if (showsHelp(args, named)) (await import("./help.ts")).explain(program);
  try {
    if (args[0] === "help") named.command.help();
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    // What is in the state folder is at fault, and nobody but the operator may repair it.
    if (error instanceof StateFault)
      return refuse(
        world,
        { json },
        refusal(`cannot use the state folder: ${error.message}`, "state").failure,
      );
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    // The help that takes the place of a message has been written.
    if (error.code === "commander.help" && !json) return 2;
    const message = `${usageProblem(error, named)}\nsee ${named.path} --help`;
    return refuse(world, { json }, refusal(message).failure);
  }
  return exitCode;
}

/** Whether commander will print a help text: by a flag, or because a command that only holds others was named. */
function showsHelp(args: readonly string[], { command, rest }: NamedCommand): boolean {
  if (args[0] === "help" || args.includes("--help") || args.includes("-h")) return true;
  return rest === undefined && command.commands.length > 0;
}

function usageProblem({ code, message }: CommanderError, named: NamedCommand): string {
  if (code === "commander.help") return "no command was given";
  const { command, rest } = named;
  // A command with commands of its own takes no arguments: one more is a command that does not exist.
  if (rest !== undefined && command.commands.length > 0 && !command.registeredArguments.length)
    if (code === "commander.unknownCommand" || code === "commander.excessArguments")
      return unknownCommand(named, rest);
  return message.replace(/^error: /, "");
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export function buildProgram(world: World, done: (code: number) => void): Command {
  const program = new Command("lav-ir")
    .description(
      "Run the incident playbooks of the LAV/ADAF trading platform: ask before every change, prove what it did.",
    )
    .version(world.version, "--version")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      // It is said where all refusals are said.
      outputError: () => {},
    })
    .enablePositionalOptions(false)
    .addOption(new Option("--config <file>", "platform file to use").env("LAV_IR_CONFIG"))
    .option("--env <name>", "environment of the platform file")
    .addOption(new Option("--incident <id>", "incident to work on").env("LAV_IR_INCIDENT"))
    .option("--json", "write NDJSON to stdout")
    .option("--no-input", "never prompt, even at a terminal")
    .option("--no-color", "disable colours")
    .option("-q, --quiet", "print only the result")
    .option("-v, --verbose", "print the outputs of every step, and those of a program while it runs")
    .option("--state-dir <dir>", "folder for journals and incidents");
  const options = (): GlobalOptions => {
    const given = program.opts<GlobalOptions>();
    // A variable that is set to nothing is not set.
    const blank = (["config", "incident"] as const).filter(
      (name) => given[name] === "" && program.getOptionValueSource(name) === "env",
    );
    return Object.fromEntries(Object.entries(given).filter(([name]) => !blank.some((one) => one === name)));
  };

  program
    .command("list")
    .description("list runbooks: id, severity, service, title")
    .option("--alert <id>", "only those that answer this alert")
    .action(async (own: { alert?: string }) =>
      done(await (await import("./commands/list.ts")).listCommand(world, options(), own)),
    );
  program
    .command("show <runbook>")
    .description("show a runbook")
    .option("--by-hand", "as plain commands: curl, psql, redis-cli, kafka, docker")
    .option("--param <name=value>", "set a parameter", collect)
    .action(async (name: string, own: { byHand?: boolean; param?: readonly string[] }) =>
      done(await (await import("./commands/show.ts")).showCommand(world, options(), name, own)),
    );
  program
    .command("run <runbook>")
    .description("diagnose, then resolve step by step until the findings hold")
    .option("--param <name=value>", "set a parameter", collect)
    .option("--dry-run", "print the plan; contact nothing")
    .option("--live", "with --dry-run: run the reads, show what would change")
    .option("--yes", "consent to every change; destructive steps need --approve")
    .option("--approve <code>", "consent to the destructive step of this code, for 24h", collect)
    .option("--approval <file>", "file of the second person's approval; the run waits for it", collect)
    .option("--override <name=reason>", "override an interlock, with a reason", collect)
    .option("--skip-evidence <reason>", "do not capture evidence before a change, with a reason")
    .option("--from <step>", "start the procedure at this step")
    .option("--rung <rung>", "start the ladder at this rung")
    .option("--junit <file>", "write JUnit XML to this file as well")
    .action(async (name: string, own: object) =>
      done(await (await import("./commands/run.ts")).runCommand(world, options(), name, own)),
    );
  const runs = program
    .command("runs")
    .description("list runs: finished, waiting and in progress, newest first")
    .option("--all", "include older runs")
    .action(async (own: object) =>
      done(await (await import("./commands/runs.ts")).runsCommand(world, options(), own)),
    );
  runs
    .command("show <run>")
    .description("show a run: steps, outcomes, consents, files, next command")
    .action(async (id: string) =>
      done(await (await import("./commands/runs-show.ts")).showRun(world, options(), id)),
    );
  runs
    .command("verify <run>")
    .description("verify a run's journal: checksums and signatures")
    .action(async (id: string) =>
      done(await (await import("./commands/runs-verify.ts")).verifyRun(world, options(), id)),
    );
  runs
    .command("prune")
    .description("remove old ended runs; incidents' and resumable ones stay")
    .option("--older-than <duration>", "remove runs that ended longer ago than this, such as 90d")
    .option("--yes", "remove these runs; default: dry run")
    .action(async (own: PruneOptions) =>
      done(await (await import("./commands/runs-prune.ts")).pruneRuns(world, options(), own)),
    );
  program
    .command("resume [run]")
    .description("resume an interrupted run")
    .option("--yes", "consent to every change; destructive steps need --approve")
    .option("--approve <code>", "consent to the destructive step of this code, for 24h", collect)
    .option("--approval <file>", "file of the second person's approval; the run waits for it", collect)
    .option("--override <name=reason>", "override an interlock, with a reason", collect)
    .option("--skip-evidence <reason>", "do not capture evidence before a change, with a reason")
    .option("--take-over", "take over its lock: the process that holds it is gone")
    .action(async (id: string | undefined, own: object) =>
      done(await (await import("./commands/resume.ts")).resume(world, options(), id, own)),
    );
  program
    .command("halt-all")
    .description("stop all trading, and prove it")
    .option("--reason <text>", "the reason, recorded at every instance")
    .option("--scope <scope>", "all, venue:NAME or strategy:NAME", "all")
    .option("--yes", "halt without confirmation")
    .option("--send-anyway", "send a token that is expired by this machine's clock")
    .action(async (own: object) =>
      done(await (await import("../app/halt/start.ts")).haltAll(world, { ...options(), ...own })),
    );
  program
    .command("approve [request]")
    .description("review and sign another operator's request")
    .option("--key <file>", "SSH key to sign with; default: from the agent or ~/.ssh")
    .option("--as <name>", "sign as this approver")
    .option("--approve <digest>", "without a terminal: the digest that you reviewed")
    .option("--verify <file>", "verify the approvals in a journal or in a file of a run")
    .action(async (given: string | undefined, own: object) =>
      done(await (await import("./commands/approve.ts")).approveCommand(world, options(), given, own)),
    );
  const trading = program.command("trading").description("show whether trading is on, and resume it");
  trading
    .command("status")
    .description("trading state reported by each instance and venue")
    .action(async () =>
      done(await (await import("./commands/trading-status.ts")).tradingStatusCommand(world, options())),
    );
  trading
    .command("resume")
    .description("resume trading in stages, with a second person")
    .option("--venue <name>", "venue to resume first")
    .option("--watch <duration>", "how long to watch each stage")
    .option("--dry-run", "print the plan; contact nothing")
    .option("--live", "with --dry-run: run the reads, show what would change")
    .option("--approve <code>", "consent to the stage of this code, for 24h", collect)
    .option("--approval <file>", "file of the second person's approval; the run waits for it", collect)
    .option("--override <name=reason>", "override an interlock, with a reason", collect)
    .action(async (own: object) =>
      done(await (await import("./commands/trading-resume.ts")).tradingResumeCommand(world, options(), own)),
    );
  buildIncident(program, world, options, done);
  buildClosing(program, world, options, done);
  program
    .command("sender")
    .description("send the messages of open incidents until the last one ends")
    .option("--once", "exit when nothing is left to send")
    .addOption(new Option("--replace <pid>", "send instead of this process").hideHelp())
    .addOption(new Option("--when-told", "wait for a word on stdin").hideHelp())
    .action(async (own: { once?: boolean; replace?: string; whenTold?: boolean }) =>
      done(await (await import("./commands/sender.ts")).senderCommand(world, options(), own)),
    );
  program
    .command("lint [paths...]")
    .description("check runbooks; report every problem with its line")
    .option("--junit <file>", "write JUnit XML to this file as well")
    .option("--sarif <file>", "write SARIF to this file as well")
    .option("--fix", "write what the hints say, where it is certain")
    .action(async (paths: readonly string[], own: { junit?: string; sarif?: string; fix?: boolean }) =>
      done(await (await import("./commands/lint.ts")).lint(world, options(), paths, own)),
    );
  program
    .command("init [folder]")
    .description("write a platform file and a first runbook")
    .option("--ci", "write a GitHub workflow and a pre-commit entry instead")
    .action(async (folder: string = ".", own: { ci?: boolean }) =>
      done(await (await import("./commands/init.ts")).init(world, options(), folder, own)),
    );
  program
    .command("explain [name]")
    .description("explain a kind of step, a key or a function")
    .action(async (name: string | undefined) =>
      done((await import("./commands/explain.ts")).explain(world, options(), name)),
    );
  buildSnapshot(program, world, options, done);
  program
    .command("schema")
    .addArgument(
      new Argument("[of]", "what to describe").choices(["runbook", "platform", "events"]).default("runbook"),
    )
    .description("print the JSON Schema of runbooks, platform file or --json")
    .action(async (of: SchemaOf) =>
      done(await (await import("./commands/schema.ts")).schema(world, options(), of)),
    );
  return program;
}
