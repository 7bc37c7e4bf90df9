import { bounded } from "../../base/bounded.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Evidence, EvidenceCaptured, EvidenceSealed, Ports } from "../../ports/ports.ts";
import type { Collector } from "../../evidence/capture/collector.ts";
import type { CollectorRow } from "../../evidence/bundle/rows.ts";
import type { NotSealed, Taken } from "../../evidence/capture/snapshot.ts";
import type { EvidenceOptions } from "./choice.ts";
import { snapshotsFolder } from "../../store/layout.ts";
import { stateFolder } from "../context/state-folder.ts";

/** The window of what is captured before a change; milliseconds. */
const window = 15 * 60_000;

/** Snapshots for a run: of what a change destroys, and of everything. What takes them is loaded when it is asked for. */
export function createEvidence(settings: EvidenceOptions, ports: Ports): Evidence {
  const { world, options, incident } = settings;
  const state = stateFolder(world, options);
  const out = snapshotsFolder(state, incident);
  return {
    before(targets, within, signal) {
      const rows: CollectorRow[] = [];
      let captured: (what: EvidenceCaptured) => void = () => {};
      const done = new Promise<EvidenceCaptured>((resolve) => (captured = resolve));
      const given = new AbortController();
      const kill = AbortSignal.any([signal, given.signal]);
      const take = async (): Promise<Result<EvidenceSealed, string>> => {
        const { volatileOf } = await import("./choice.ts");
        const chosen = volatileOf(settings, targets);
        if (given.signal.aborted) return fail("there was no change");
        // Of no weight of its own: a capture that is through leaves nothing that the process waits for.
        const stop = bounded(kill, within);
        return await shoot(
          settings,
          ports,
          chosen,
          { since: window, out, root: state, stop, kill, left: () => !given.signal.aborted },
          (row) => {
            rows.push(row);
            if (rows.length === chosen.length) captured(summary(rows));
          },
          // The run itself has it on record, beside its change.
          () => Promise.resolve(),
        );
      };
      const sealed = take().catch((error: unknown) =>
        fail(error instanceof Error ? error.message : String(error)),
      );
      void sealed.then((result) =>
        captured(result.ok ? summary(rows) : { taken: [], missed: [result.failure] }),
      );
      const abandon = async (): Promise<void> => {
        given.abort();
        await sealed;
      };
      return { captured: done, sealed, abandon };
    },
    async take(since, signal) {
      const [{ everything }, { recordSealing }] = await Promise.all([
        import("./choice.ts"),
        import("./record.ts"),
      ]);
      const taken = await shoot(
        settings,
        ports,
        everything(settings),
        { since, out, root: state, stop: signal, kill: signal },
        () => {},
        (sealed) => recordSealing(world, options, incident, sealed),
      );
      if (taken.ok) return taken;
      return fail({
        type: "rejected",
        target: out,
        message: `the snapshot was not sealed: ${taken.failure}`,
      });
    },
  };
}

interface Shot {
  readonly since: number;
  readonly out: string;
  readonly root: string;
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
  readonly left?: () => boolean;
}

async function shoot(
  { world, options, platform, incident, secrets: own }: EvidenceOptions,
  ports: Ports,
  collectors: readonly Collector[],
  { since, out, root, stop, kill, left }: Shot,
  progress: (row: CollectorRow) => void,
  recorded: (taken: Result<Taken, NotSealed>) => Promise<void>,
): Promise<Result<EvidenceSealed, string>> {
  const [{ takeSnapshot }, { takerOf }] = await Promise.all([
    import("../../evidence/capture/snapshot.ts"),
    import("./taker.ts"),
  ]);
  const taken = await takeSnapshot({
    ...takerOf(world, options, ports, platform, incident, own),
    platform,
    collectors,
    leftOut: [],
    incident,
    out,
    root,
    since: new Date(ports.clock.now().getTime() - since),
    stop,
    kill,
    ...(left === undefined ? {} : { left }),
    progress,
  });
  await recorded(taken);
  if (!taken.ok) return fail(taken.failure.message);
  const { sealed, snapshot, custody } = taken.value;
  const { path, sha256, bytes, key } = sealed;
  const { name, verdict } = snapshot;
  const missing = snapshot.missing.map(({ collector, what, why }) => `${collector}: ${what}: ${why}`);
  const signed = key === undefined ? {} : { key };
  return ok({ snapshot: name, path, sha256, bytes, verdict, custody, ...signed, missing });
}

function summary(rows: readonly CollectorRow[]): EvidenceCaptured {
  const good = rows.filter(({ status }) => status === "ok" || status === "skipped");
  const missed = rows
    .filter((row) => !good.includes(row))
    .map(({ id, status, why }) => `${id}: ${why ?? status}`);
  return { taken: good.map(({ id }) => id), missed };
}
