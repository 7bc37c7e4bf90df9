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
    .option("--plan", "list what would be taken; touch nothing")
    .option("--since <duration>", "window of logs and events", "30m")
    .option("--only <sets>", "only these sets or collectors, with commas between")
    .option("--out <dir>", "where the sealed file goes", "snapshots")
    .action(async (own: object) =>
      done(await (await import("./commands/snapshot.ts")).snapshot(world, options(), own)),
    );
  snapshot
    .command("verify <file>")
    .description("is it what was sealed, who vouches for it, what does the journal say, is anything missing")
    .option("--signers <file>", "more trusted keys, as ssh-keygen's allowed_signers file")
    .action(async (path: string, own: { signers?: string }) =>
      done(await (await import("./commands/snapshot-verify.ts")).verify(world, options(), path, own)),
    );
  snapshot
    .command("salvage <folder>")
    .description("seal what a killed capture left in its ….stage folder, as partial")
    .option("--out <dir>", "where the sealed file goes; beside the folder without it")
    .action(async (folder: string) => {
      const out = given(snapshot);
      const own = out === undefined ? {} : { out };
      done(await (await import("./commands/snapshot-salvage.ts")).salvage(world, options(), folder, own));
    });
  snapshot
    .command("show <file>")
    .description("what is in a bundle, and what is missing")
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
    .description(
      "the snapshots there are, with age and size: what runs took as well, unless --out names a folder",
    )
    .action(async () =>
      done(
        await (
          await import("./commands/snapshot-list.ts")
        ).snapshotListCommand(world, options(), given(snapshot)),
      ),
    );
  snapshot
    .command("prune")
    .description("remove old snapshots; never one whose incident may still be open")
    .option("--older-than <duration>", "age from which on they go, such as 90d")
    .option("--yes", "remove them; without it they are only named")
    .action(async (own: { olderThan?: string; yes?: boolean }) => {
      const out = given(snapshot);
      done(await (await import("./commands/snapshot-list.ts")).prune(world, options(), { ...own, out }));
    });
}

/** The option is also the command's above: whichever of the two was given holds. */
function given(snapshot: Command): string | undefined {
  return snapshot.getOptionValueSource("out") === "cli" ? snapshot.opts<{ out: string }>().out : undefined;
}
