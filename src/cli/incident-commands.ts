import type { Command } from "commander";
import type { RecordOptions } from "../app/incident/record-command.ts";
import type { Scene } from "../app/incident/scene.ts";
import type { Statement } from "../app/incident/statements.ts";
import type { Result } from "../base/result.ts";
import type { Refusal } from "../app/context/refusal.ts";
import type { GlobalOptions, World } from "../app/context/world.ts";
import type { CorrectOptions } from "../app/incident/correct.ts";
import type { AckOptions } from "../app/incident/statements.ts";
import type { UpdateCommandOptions } from "./commands/incident/update.ts";
import type { ImportOptions } from "./commands/incident/import.ts";
import type { DeclareOptions } from "./commands/incident/declare.ts";

type Statements = typeof import("../app/incident/statements.ts");
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** The commands of an incident, in the order in which one needs them. */
export function buildIncident(
  program: Command,
  world: World,
  options: () => GlobalOptions,
  done: (code: number) => void,
): void {
  const record = async (
    name: string,
    make: (statements: Statements, scene: Scene) => Result<Statement, Refusal>,
    own: Pick<RecordOptions, "yes" | "closed" | "dryRun"> = {},
    asks?: (scene: Scene) => string | undefined,
  ): Promise<void> => {
    const [{ recordCommand }, statements] = await Promise.all([
      import("../app/incident/record-command.ts"),
      import("../app/incident/statements.ts"),
    ]);
    done(
      await recordCommand(world, { ...options(), ...own }, name, (scene) => make(statements, scene), asks),
    );
  };
  const words = (all: readonly string[]): string => all.join(" ");
  // What was so is put on record behind the end as well, where the incident is named.
  const afterwards = { closed: true };

  program
    .command("declare [severity-and-impact...]")
    .description("declare an incident: record it, page, offer to halt")
    .option("--mine", "take command yourself")
    .option("--affects <name>", "affected service or system", collect)
    .option("--started <time>", "when it started: 23:50, 5m ago")
    .option("--key <key>", "alert key; joins the open incident that has it")
    .option("--security", "security incident: private channels only, impact withheld")
    .option("--drill", "declare an exercise, not a real incident")
    .option("--wait <duration>", "wait for every channel; exit 1 if one did not accept")
    .action(async (given: readonly string[], own: DeclareOptions) =>
      done(await (await import("./commands/incident/declare.ts")).declare(world, options(), given, own)),
    );
  program
    .command("status")
    .description("show the open incident: clocks, roles, unanswered pages")
    .action(async () => done(await (await import("./commands/incident/status.ts")).status(world, options())));
  program
    .command("watch")
    .description("follow the open incident on a screen, with keys")
    .action(async () => done(await (await import("./commands/incident/watch.ts")).watch(world, options())));
  program
    .command("ack [text...]")
    .description("acknowledge a page")
    .option("--eta <duration>", "how long until you are there")
    .option("--for <person>", "record that this person answered by telephone")
    .action(async (text: readonly string[], own: AckOptions) =>
      record("ack", ({ ack }, scene) => ack(scene, words(text), own)),
    );
  program
    .command("note <text...>")
    .description("record a note")
    .option("--at <time>", "when it happened")
    .option("--decision", "record it as a decision")
    .action(async (text: readonly string[], own: { at?: string; decision?: boolean }) =>
      record("note", ({ note }, scene) => note(scene, words(text), own), afterwards),
    );
  program
    .command("fact <name> [value...]")
    .description("record a key event or a figure, such as started or users")
    .option("--at <time>", "when it happened")
    .action(async (name: string, value: readonly string[], own: { at?: string }) =>
      record(
        "fact",
        ({ fact }, scene) => fact(scene, name, value.length === 0 ? undefined : words(value), own),
        afterwards,
      ),
    );
  program
    .command("severity <severity> <why...>")
    .description("raise or lower the severity")
    .option("--yes", "skip the confirmation")
    .action(async (to: string, why: readonly string[], own: { yes?: boolean }) =>
      record(
        "severity",
        ({ severity }, scene) => severity(scene, to, words(why)),
        own,
        ({ place, status }) => `Change ${place.incident} from ${status.severity ?? "no severity"} to ${to}?`,
      ),
    );
  program
    .command("security <why...>")
    .description("make it a security incident: private channels only")
    .option("--yes", "skip the confirmation")
    .action(async (why: readonly string[], own: { yes?: boolean }) => {
      const { security } = await import("../app/incident/security.ts");
      await record(
        "security",
        (_, scene) => security(scene, words(why)),
        own,
        ({ place }) => `Make ${place.incident} a security incident?`,
      );
    });
  program
    .command("affects [names...]")
    .description("record what else is affected")
    .option("--drop <name>", "remove one that is not affected", collect)
    .action(async (names: readonly string[], own: { drop?: readonly string[] }) =>
      record("affects", ({ affects }, scene) => affects(scene, names, own.drop ?? [])),
    );
  program
    .command("role <role> <person>")
    .description("assign commander, scribe or comms; me is you")
    .action(async (name: string, person: string) =>
      record("role", ({ role }, scene) => role(scene, name, person)),
    );
  program
    .command("handoff <person-or-accept> [state...]")
    .description("hand over your role; accept P0 halted takes it")
    .option("--role <role>", "commander, scribe or comms", "commander")
    .action(async (who: string, state: readonly string[], own: { role?: string }) =>
      done(
        await (
          await import("./commands/incident/handoff.ts")
        ).handoff(world, options(), [who, ...state], own),
      ),
    );
  program
    .command("page <who> [text...]")
    .description("page a person, a team, a channel or a level")
    .option("--dry-run", "show what each channel would get; page nobody")
    .action(async (who: string, text: readonly string[], own: { dryRun?: boolean }) =>
      record("page", ({ page }, scene) => page(scene, who, text.length === 0 ? undefined : words(text)), own),
    );
  program
    .command("update [text...]")
    .description("send a status update to the rooms or an audience")
    .option("--to <audience>", "a team, a person or a channel: stakeholders")
    .option("--template <name>", "fill this template from the records")
    .option("--set <field=value>", "state a field of the template", collect)
    .option("--eta <time>", "expected end")
    .option("--next <time>", "when the next update comes")
    .option("--nothing-new", "report no change since the last update")
    .option("--yes", "skip the confirmation of a template's text")
    .option("--dry-run", "show what each channel would get; send nothing")
    .action(async (text: readonly string[], own: UpdateCommandOptions) =>
      done(
        await (
          await import("./commands/incident/update.ts")
        ).updateCommand(world, options(), words(text), own),
      ),
    );
  program
    .command("escalate [level]")
    .description("page the next level or a named one; show a vendor's numbers")
    .action(async (level: string | undefined) =>
      record("escalate", ({ escalate }, scene) => escalate(scene, level)),
    );
  program
    .command("contacts [who]")
    .description("list people, levels and vendors with their numbers")
    .action(async (who: string | undefined) =>
      done(await (await import("./commands/incident/records.ts")).contacts(world, options(), who)),
    );
  program
    .command("correct <record> <why...>")
    .description("correct or withdraw a record; both stay on record")
    .option("--at <time>", "when it happened")
    .option("--value <value>", "the corrected value or text")
    .option("--withdraw", "hide the record wherever it is shown")
    .option("--yes", "skip the confirmation")
    .action(async (ref: string, why: readonly string[], own: CorrectOptions) => {
      const [{ correct }, { asksToOpen }] = await Promise.all([
        import("../app/incident/correct.ts"),
        import("../app/incident/security.ts"),
      ]);
      await record(
        "correct",
        (_, scene) => correct(scene, ref, words(why), own),
        { ...afterwards, ...(own.yes === undefined ? {} : { yes: own.yes }) },
        (scene) => asksToOpen(scene, ref, own.withdraw === true),
      );
    });
  program
    .command("mitigated <text...>")
    .description("record that the impact has ended, and what ended it")
    .option("--at <time>", "when it happened")
    .action(async (text: readonly string[], own: { at?: string }) =>
      record("mitigated", ({ mitigated }, scene) => mitigated(scene, words(text), own), afterwards),
    );
  program
    .command("cancel <why...>")
    .description("cancel an incident: a false alarm or a duplicate")
    .option("--same-as <incident>", "the incident that it duplicates")
    .option("--yes", "skip the confirmation")
    .action(async (why: readonly string[], own: { sameAs?: string; yes?: boolean }) =>
      record(
        "cancel",
        ({ cancel }, scene) => cancel(scene, words(why), own),
        own,
        ({ place }) => `Cancel ${place.incident}?`,
      ),
    );
  buildLists(program, world, options, done);
}

function buildLists(
  program: Command,
  world: World,
  options: () => GlobalOptions,
  done: (code: number) => void,
): void {
  const incident = program.command("incident").description("list, show and verify incidents");
  const load = async () => await import("./commands/incident/records.ts");
  incident
    .command("list")
    .description("list every incident and exercise on this machine")
    .action(async () => done(await (await load()).incidentList(world, options())));
  incident
    .command("show [record]")
    .description("show all records, or one such as ny1-42")
    .action(async (ref: string | undefined) =>
      done(await (await load()).incidentShow(world, options(), ref)),
    );
  incident
    .command("timeline")
    .description("show the timeline, each row with its record")
    .action(async () => done(await (await load()).incidentTimeline(world, options())));
  incident
    .command("verify")
    .description("verify an incident's journal: checksums and signatures")
    .action(async () =>
      done(await (await import("./commands/incident/verify.ts")).incidentVerify(world, options())),
    );
  incident
    .command("import <file>")
    .description("put blocks that were NOT RECORDED on record; - to paste")
    .option("--dry-run", "print what would be recorded, and write nothing")
    .option("--yes", "skip the confirmation")
    .action(async (file: string, own: ImportOptions) =>
      done(await (await import("./commands/incident/import.ts")).incidentImport(world, options(), file, own)),
    );
}
