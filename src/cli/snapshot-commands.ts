import type { Command } from "commander";
import type { GlobalOptions, World } from "../app/context/world.ts";

/** `snapshot` and what can be done with one. */
export function buildSnapshot(
  program: Command,
  world: World,
  options: () => GlobalOptions,
  done: (code: number) => void,
): void {
  const snapshot = program
    .command("snapshot")
    .description("capture the platform's state into one sealed file")
    .option("--plan", "list what would be captured; contact nothing")
    .option("--since <duration>", "time window for logs and events", "30m")
    .option("--only <sets>", "only these sets or collectors, comma-separated")
    .option("--out <dir>", "folder for the sealed file", "snapshots")
    .action(async (own: object) =>
      done(await (await import("./commands/snapshot.ts")).snapshot(world, options(), own)),
    );
  snapshot
    .command("verify <file>")
    .description("verify integrity, signer, journal entry and completeness")
    .option("--signers <file>", "more trusted keys, in ssh-keygen's allowed_signers format")
    .action(async (path: string, own: { signers?: string }) =>
      done(await (await import("./commands/snapshot-verify.ts")).verify(world, options(), path, own)),
    );
  snapshot
    .command("salvage <folder>")
    .description("seal what a killed capture left, as a partial snapshot")
    .option("--out <dir>", "folder for the sealed file; default: beside FOLDER")
    .action(async (folder: string) => {
      const out = given(snapshot);
      const own = out === undefined ? {} : { out };
      done(await (await import("./commands/snapshot-salvage.ts")).salvage(world, options(), folder, own));
    });
  snapshot
    .command("show <file>")
    .description("show what is in a snapshot and what is missing")
    .action(async (path: string) =>
      done(await (await import("./commands/snapshot-show.ts")).snapshotShowCommand(world, options(), path)),
    );
  snapshot
    .command("diff <before> <after>")
    .description("compare two snapshots")
    .action(async (before: string, after: string) =>
      done(await (await import("./commands/snapshot-diff.ts")).diff(world, options(), before, after)),
    );
  snapshot
    .command("list")
    .description("list snapshots with age and size")
    .action(async () =>
      done(
        await (
          await import("./commands/snapshot-list.ts")
        ).snapshotListCommand(world, options(), given(snapshot)),
      ),
    );
  snapshot
    .command("prune")
    .description("remove old snapshots; those of open incidents stay")
    .option("--older-than <duration>", "remove snapshots older than this, such as 90d")
    .option("--yes", "remove these snapshots; default: dry run")
    .action(async (own: { olderThan?: string; yes?: boolean }) => {
      const out = given(snapshot);
      done(await (await import("./commands/snapshot-list.ts")).prune(world, options(), { ...own, out }));
    });
}

/** The option is also the command's above: whichever of the two was given holds. */
function given(snapshot: Command): string | undefined {
  return snapshot.getOptionValueSource("out") === "cli" ? snapshot.opts<{ out: string }>().out : undefined;
}
