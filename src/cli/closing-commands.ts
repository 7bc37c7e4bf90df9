import type { Command } from "commander";
import type { ActionOptions } from "../app/incident/actions.ts";
import type { Scene } from "../app/incident/scene.ts";
import type { Statement } from "../app/incident/statements.ts";
import type { Refusal } from "../app/context/refusal.ts";
import type { ResolveOptions } from "./commands/resolve.ts";
import type { ReviewOptions } from "./commands/incident/review.ts";
import type { GlobalOptions, World } from "../app/context/world.ts";
import type { Result } from "../base/result.ts";

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** The commands with which an incident ends, and those behind its end. */
export function buildClosing(
  program: Command,
  world: World,
  options: () => GlobalOptions,
  done: (code: number) => void,
): void {
  const record = async (name: string, make: (scene: Scene) => Result<Statement, Refusal>): Promise<void> => {
    const { recordCommand } = await import("../app/incident/record-command.ts");
    done(await recordCommand(world, { ...options(), closed: true }, name, make));
  };
  const words = (all: readonly string[]): string => all.join(" ");

  program
    .command("resolve [text]")
    .description("resolve the open incident, with what resolved it")
    .option("--cause <text>", 'the cause, or "not known yet"')
    .option("--review-on <date>", "date of the review: a date, next or none")
    .option("--notice <name>", "the template of the notice that is sent")
    .option("--set <field=value>", "state a field of that template", collect)
    .option("--yes", "skip the confirmation of that template's text")
    .option("--dry-run", "show the notices; resolve nothing")
    .action(async (text: string | undefined, own: ResolveOptions) =>
      done(await (await import("./commands/resolve.ts")).resolve(world, options(), text, own)),
    );
  program
    .command("reopen <why...>")
    .description("reopen an incident that was not over")
    .action(async (why: readonly string[]) => {
      const { reopen } = await import("../app/incident/reopen.ts");
      await record("reopen", (scene) => reopen(scene, words(why)));
    });
  program
    .command("review")
    .description("write the post-incident review from the records")
    .option("--check", "list what is missing; exit 1 if anything is")
    .option("--html", "also write it as one page for a browser")
    .option("--done", "record that the review was held")
    .action(async (own: ReviewOptions) =>
      done(await (await import("./commands/incident/review.ts")).review(world, options(), own)),
    );
  program
    .command("stats")
    .description("show MTTR, response, RTO and RPO over incidents")
    .option("--since <when>", "count incidents declared since: 2026-10-01, or 90d")
    .action(async (own: { since?: string }) =>
      done(await (await import("./commands/incident/stats.ts")).stats(world, options(), own)),
    );

  const actions = program
    .command("actions")
    .description("record and follow up the actions after an incident");
  const load = async () => await import("../app/incident/actions.ts");
  const detailed = (command: Command): Command =>
    command
      .option("--owner <person>", "owner; me is you")
      .option("--due <day>", "due date: 2026-12-10, or 7d")
      .option("--priority <priority>", "high, medium or low");
  detailed(actions.command("add <kind> <text...>"))
    .description("add an action, such as preventive, detection or training")
    .action(async (kind: string, text: readonly string[], own: ActionOptions) => {
      const { addAction } = await load();
      await record("actions add", (scene) => addAction(scene, kind, words(text), own));
    });
  detailed(actions.command("move <id>"))
    .description("change the owner, due date or priority of an action")
    .action(async (id: string, own: ActionOptions) => {
      const { moveAction } = await load();
      await record("actions move", (scene) => moveAction(scene, id, own));
    });
  actions
    .command("done <id>")
    .description("mark an action as done")
    .action(async (id: string) => {
      const { finishAction } = await load();
      await record("actions done", (scene) => finishAction(scene, id));
    });
  actions
    .command("list")
    .description("list the actions of an incident, open ones first")
    .action(async () =>
      done(await (await import("./commands/incident/actions.ts")).actionsList(world, options())),
    );
}
