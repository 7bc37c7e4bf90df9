import { Argument, Command, CommanderError, Option } from "commander";
import { StateFault } from "../store/state-check.ts";
import { hideSecrets } from "../app/wiring/secrets.ts";
import { buildClosing } from "./closing-commands.ts";
import { buildIncident } from "./incident-commands.ts";
import type { PruneOptions } from "./commands/prune.ts";
import type { SchemaOf } from "./commands/schema.ts";
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
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    // What stands in the state folder is at fault, and nobody but the operator may mend it.
    if (error instanceof StateFault)
      return refuse(
        world,
        { json },
        refusal(`the state folder cannot be used: ${error.message}`, "state").failure,
      );
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    // The help that stands in for a message has been written.
    const noCommand = error.code === "commander.help";
    if (noCommand && !json) return 2;
    const said = noCommand ? "error: no command was given" : error.message;
    return refuse(world, { json }, refusal(`${said}\n(lav-ir --help shows every command)`).failure);
  }
  return exitCode;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export function buildProgram(world: World, done: (code: number) => void): Command {
  const program = new Command("lav-ir")
    .description(
      "Runs the incident playbooks of the LAV/ADAF trading platform: asks before it changes anything, proves what it did.",
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
    .option("--json", "NDJSON on stdout")
    .option("--no-input", "never ask, even at a terminal")
    .option("--no-color", "no colours")
    .option("-q, --quiet", "only the result")
    .option("-v, --verbose", "every step's outputs")
    .option("--state-dir <dir>", "where journals and incidents are kept");
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
    .description("runbooks: id, severity, service, title")
    .action(async () => done(await (await import("./commands/list.ts")).listCommand(world, options())));
  program
    .command("show <runbook>")
    .description("a runbook for a person")
    .option("--by-hand", "as the plain commands one would type without this tool")
    .option("--param <name=value>", "set a parameter", collect)
    .action(async (name: string, own: { byHand?: boolean; param?: readonly string[] }) =>
      done(await (await import("./commands/show.ts")).showCommand(world, options(), name, own)),
    );
  program
    .command("run <runbook>")
    .description("diagnose, and climb the ladder until the findings hold")
    .option("--param <name=value>", "set a parameter", collect)
    .option("--dry-run", "print the whole plan; touch nothing")
    .option("--live", "with --dry-run: run the reads and show the previews")
    .option("--yes", "changes run without a question; destructive steps still need --approve")
    .option("--approve <digest>", "consent to the destructive step with this digest", collect)
    .option("--approval <file>", "where a second person's approval is, or is to come", collect)
    .option("--override <name=reason>", "override an interlock, with a reason", collect)
    .option("--skip-evidence <reason>", "capture nothing before a change, and say why")
    .option("--from <step>", "begin a procedure at this step")
    .option("--rung <rung>", "begin the ladder at this rung")
    .option("--junit <file>", "also write JUnit XML")
    .action(async (name: string, own: object) =>
      done(await (await import("./commands/run.ts")).runCommand(world, options(), name, own)),
    );
  const runs = program
    .command("runs")
    .description("runs: what ran, what waits and who is at work, newest first")
    .option("--all", "older ones as well")
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
    .description("check a run's journal: every sum, and every signature")
    .action(async (id: string) =>
      done(await (await import("./commands/runs-verify.ts")).verifyRun(world, options(), id)),
    );
  runs
    .command("prune")
    .description("remove old ended runs; incidents' and resumable ones stay")
    .option("--older-than <duration>", "time since its end from which on one goes, such as 90d")
    .option("--yes", "remove them; without it they are only named")
    .action(async (own: PruneOptions) =>
      done(await (await import("./commands/runs-prune.ts")).pruneRuns(world, options(), own)),
    );
  program
    .command("resume [run]")
    .description("resume an interrupted run")
    .option("--yes", "changes run without a question")
    .option("--approve <digest>", "consent to the destructive step with this digest", collect)
    .option("--approval <file>", "where a second person's approval is, or is to come", collect)
    .option("--override <name=reason>", "override an interlock, with a reason", collect)
    .option("--skip-evidence <reason>", "capture nothing before a change, and say why")
    .option("--take-over", "the process that holds the run is gone, and cannot be seen from here")
    .action(async (id: string | undefined, own: object) =>
      done(await (await import("./commands/resume.ts")).resume(world, options(), id, own)),
    );
  program
    .command("halt-all")
    .description("stop all trading, and prove it")
    .option("--reason <text>", "why; every instance keeps it")
    .option("--scope <scope>", "all, venue:NAME or strategy:NAME", "all")
    .option("--yes", "halt without a question")
    .option("--send-anyway", "send a token that this machine's clock holds for expired")
    .action(async (own: object) =>
      done(await (await import("../app/halt/start.ts")).haltAll(world, { ...options(), ...own })),
    );
  program
    .command("approve [request]")
    .description("read what another operator asks for, and sign it as the second person")
    .option("--key <file>", "sign with this SSH key; otherwise with one of the agent or of ~/.ssh")
    .option("--as <name>", "sign as this approver")
    .option("--approve <digest>", "without a terminal: the digest of what was read")
    .option("--verify <file>", "check the approvals in a journal, or in a file that a run kept")
    .action(async (given: string | undefined, own: object) =>
      done(await (await import("./commands/approve.ts")).approveCommand(world, options(), given, own)),
    );
  const trading = program.command("trading").description("what can trade, and whether it does");
  trading
    .command("status")
    .description("trading state reported by each instance and venue")
    .action(async () =>
      done(await (await import("./commands/trading-status.ts")).tradingStatusCommand(world, options())),
    );
  trading
    .command("resume")
    .description("resume trading in stages, with a second person")
    .option("--venue <name>", "the first venue")
    .option("--watch <duration>", "how long each stage is watched")
    .option("--dry-run", "print the whole plan; touch nothing")
    .option("--live", "with --dry-run: run the reads and show the previews")
    .option("--approve <digest>", "your own consent to the stage with this digest", collect)
    .option("--approval <file>", "where the second person's approval is, or is to come", collect)
    .option("--override <name=reason>", "override an interlock, with a reason", collect)
    .action(async (own: object) =>
      done(await (await import("./commands/trading-resume.ts")).tradingResumeCommand(world, options(), own)),
    );
  buildIncident(program, world, options, done);
  buildClosing(program, world, options, done);
  program
    .command("sender")
    .description("send the messages of open incidents; end with the last one")
    .option("--once", "end when nothing is left to send")
    .action(async (own: { once?: boolean }) =>
      done(await (await import("./commands/sender.ts")).senderCommand(world, options(), own)),
    );
  program
    .command("lint [paths...]")
    .description("check runbooks; every problem with its place")
    .option("--junit <file>", "also write JUnit XML")
    .action(async (paths: readonly string[], own: { junit?: string }) =>
      done(await (await import("./commands/lint.ts")).lint(world, options(), paths, own)),
    );
  buildSnapshot(program, world, options, done);
  program
    .command("schema")
    .addArgument(
      new Argument("[of]", "what it describes").choices(["runbook", "platform", "events"]).default("runbook"),
    )
    .description("the JSON Schema of runbooks, of the platform file, or of the lines of --json")
    .action(async (of: SchemaOf) =>
      done(await (await import("./commands/schema.ts")).schema(world, options(), of)),
    );
  return program;
}
