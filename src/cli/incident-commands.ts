import type { Command } from "commander";
import type { RecordOptions } from "../app/incident/record-command.ts";
import type { Scene } from "../app/incident/scene.ts";
import type { Statement } from "../app/incident/statements.ts";
import type { Result } from "../base/result.ts";
import type { Refusal } from "../app/context/refusal.ts";
import type { GlobalOptions, World } from "../app/context/world.ts";
import type { CorrectOptions } from "../app/incident/correct.ts";
import type { AckOptions } from "../app/incident/statements.ts";
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
    own: Pick<RecordOptions, "yes" | "closed"> = {},
    asks?: (scene: Scene) => string,
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
    .description("open an incident: record it, page, offer to halt")
    .option("--mine", "I command")
    .option("--affects <name>", "what is affected", collect)
    .option("--started <time>", "since when: 23:50, 5m ago")
    .option("--key <key>", "join the open incident with this key")
    .option("--security", "private channels only, and no impact in them")
    .option("--drill", "an exercise")
    .action(async (given: readonly string[], own: DeclareOptions) =>
      done(await (await import("./commands/incident/declare.ts")).declare(world, options(), given, own)),
    );
  program
    .command("status")
    .description("the open incident: what is late, due and met, who is silent")
    .action(async () => done(await (await import("./commands/incident/status.ts")).status(world, options())));
  program
    .command("ack [text...]")
    .description("answer a page")
    .option("--eta <duration>", "when you are there")
    .option("--for <person>", "say that somebody answered by telephone")
    .action(async (text: readonly string[], own: AckOptions) =>
      record("ack", ({ ack }, scene) => ack(scene, words(text), own)),
    );
  program
    .command("note <text...>")
    .description("put a note on record")
    .option("--at <time>", "when it was so")
    .option("--decision", "it is a decision")
    .action(async (text: readonly string[], own: { at?: string; decision?: boolean }) =>
      record("note", ({ note }, scene) => note(scene, words(text), own), afterwards),
    );
  program
    .command("fact <name> [value...]")
    .description("put a key event or a figure on record: started, bridge, users ...")
    .option("--at <time>", "when it was so")
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
    .option("--yes", "without a question")
    .action(async (to: string, why: readonly string[], own: { yes?: boolean }) =>
      record(
        "severity",
        ({ severity }, scene) => severity(scene, to, words(why)),
        own,
        ({ place, status }) => `Change ${place.incident} from ${status.severity ?? "no severity"} to ${to}?`,
      ),
    );
  program
    .command("affects [names...]")
    .description("what else is affected")
    .option("--drop <name>", "what is not affected", collect)
    .action(async (names: readonly string[], own: { drop?: readonly string[] }) =>
      record("affects", ({ affects }, scene) => affects(scene, names, own.drop ?? [])),
    );
  program
    .command("role <role> <person>")
    .description("who is commander, scribe or comms; me is you")
    .action(async (name: string, person: string) =>
      record("role", ({ role }, scene) => role(scene, name, person)),
    );
  program
    .command("handoff <person-or-accept> [state...]")
    .description("hand your role over; accept P0 halted takes it")
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
    .action(async (who: string, text: readonly string[]) =>
      record("page", ({ page }, scene) => page(scene, who, text.length === 0 ? undefined : words(text))),
    );
  program
    .command("update <text...>")
    .description("send a status update to the rooms or an audience")
    .option("--to <audience>", "a team, a person or a channel: stakeholders")
    .action(async (text: readonly string[], own: { to?: string }) => {
      const { update } = await import("../app/incident/update.ts");
      await record("update", (_, scene) => update(scene, words(text), own));
    });
  program
    .command("escalate [level]")
    .description("page the next level, one by its name, or see a vendor's numbers")
    .action(async (level: string | undefined) =>
      record("escalate", ({ escalate }, scene) => escalate(scene, level)),
    );
  program
    .command("contacts [who]")
    .description("people, levels and vendors with their numbers")
    .action(async (who: string | undefined) =>
      done(await (await import("./commands/incident/records.ts")).contacts(world, options(), who)),
    );
  program
    .command("correct <record> <why...>")
    .description("correct a record, or withdraw it; both stay on record")
    .option("--at <time>", "when it was so")
    .option("--value <value>", "its value, or its text")
    .option("--withdraw", "hide it wherever it is shown")
    .action(async (ref: string, why: readonly string[], own: CorrectOptions) => {
      const { correct } = await import("../app/incident/correct.ts");
      await record("correct", (_, scene) => correct(scene, ref, words(why), own), afterwards);
    });
  program
    .command("mitigated <text...>")
    .description("the impact has ended: what mitigated it")
    .option("--at <time>", "when it was so")
    .action(async (text: readonly string[], own: { at?: string }) =>
      record("mitigated", ({ mitigated }, scene) => mitigated(scene, words(text), own), afterwards),
    );
  program
    .command("cancel <why...>")
    .description("it was no incident, or another one")
    .option("--same-as <incident>", "the incident that it is")
    .option("--yes", "without a question")
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
  const incident = program.command("incident").description("incidents on record");
  const load = async () => await import("./commands/incident/records.ts");
  incident
    .command("list")
    .description("every incident of this machine, and every exercise")
    .action(async () => done(await (await load()).incidentList(world, options())));
  incident
    .command("show [record]")
    .description("one record, such as ny1-42, or all of them")
    .action(async (ref: string | undefined) =>
      done(await (await load()).incidentShow(world, options(), ref)),
    );
  incident
    .command("timeline")
    .description("what happened, by time, each row with its record")
    .action(async () => done(await (await load()).incidentTimeline(world, options())));
  incident
    .command("verify")
    .description("check an incident's journal: every sum, and every signature")
    .action(async () =>
      done(await (await import("./commands/incident/verify.ts")).incidentVerify(world, options())),
    );
}
