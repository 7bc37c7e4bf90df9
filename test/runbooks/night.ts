import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { foldIncident } from "../../src/incident/fold.ts";
import { statusOf } from "../../src/incident/status.ts";
import type { ChainRecord } from "../../src/incident/order.ts";
import { senderLock } from "../../src/store/layout.ts";
import { takeLock, type Lock } from "../../src/store/lock.ts";
import { write } from "../app/incident/queue.ts";
import { HaltWorld } from "../cli/halt-world.ts";
import { enter, Screen, type TerminalEnd } from "../cli/screen.ts";
import type { Ended } from "../cli/rig.ts";

const first = `INC-${new Date().getUTCFullYear()}-0001`;
const root = new URL("../../runbooks/", import.meta.url);

type Sections = Readonly<Record<string, object>>;

/**
 * A night with the people, channels and clocks of the shipped platform file. Nobody sends: what a provider takes is
 * put on record here.
 */
export class Night implements AsyncDisposable {
  readonly world: HaltWorld;
  private readonly lock: Lock;

  private constructor(world: HaltWorld, lock: Lock) {
    this.world = world;
    this.lock = lock;
  }

  /** @param more sections of the platform file, besides or instead of those of the world */
  static async begin(more: (world: HaltWorld, own: Sections) => object = () => ({})): Promise<Night> {
    const world = await HaltWorld.inside();
    const { rig } = world;
    const path = join(rig.folder, "runbooks/platform.yaml");
    const own = parse(readFileSync(path, "utf8")) as Sections;
    const shipped = parse(readFileSync(new URL("platform.yaml", root), "utf8")) as Record<string, unknown>;
    const { people, teams, incident, channels, severities, clocks, escalation } = shipped;
    const sections = {
      people,
      teams,
      incident,
      channels,
      severities: untriggered(severities),
      clocks,
      escalation,
    };
    rig.file("runbooks/platform.yaml", stringify({ ...own, ...sections, ...more(world, own) }));
    mkdirSync(rig.state, { mode: 0o700 });
    const lock = await takeLock(senderLock(rig.state), 0);
    if (!("release" in lock)) throw new Error("somebody sends already");
    return new Night(world, lock);
  }

  async types(...args: readonly string[]): Promise<Ended> {
    return await this.world.rig.run(args, { env: this.world.env() });
  }

  async runs(runbook: string): Promise<Ended> {
    return await this.types("run", runbook, "--param", "impact=orders rejected", "--yes", "--json");
  }

  /**
   * Runs a runbook at a terminal, where somebody answers its questions in this order: each by a part of it, and what
   * is typed. @returns how it ended.
   */
  async answers(
    runbook: readonly string[],
    dialogue: readonly (readonly [question: string | RegExp, typed: string])[],
  ): Promise<TerminalEnd> {
    using screen = new Screen(this.world.rig, ["run", ...runbook], {
      columns: 200,
      rows: 50,
      env: this.world.env(),
    });
    for (const [question, typed] of dialogue) {
      await screen.shows(question);
      screen.type(`${typed}${enter}`);
    }
    return await screen.ended;
  }

  lines(): readonly ChainRecord[] {
    const text = readFileSync(join(this.world.rig.state, "incidents", first, "journal.ndjson"), "utf8");
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as ChainRecord);
  }

  queued(): readonly ChainRecord["data"][] {
    return this.lines().flatMap(({ type, data }) => (type === "message.queued" ? [data] : []));
  }

  /** Every message is taken by its provider. */
  async accepted(): Promise<void> {
    const results = this.queued().map(({ key }) => ({
      type: "message.result" as const,
      data: { key: String(key), n: 1, outcome: "accepted" as const },
    }));
    await write(this.world.rig.state, results, { id: first });
  }

  /** How the clocks in force stand, by name. */
  clocks(): Readonly<Record<string, string>> {
    const { clocks } = statusOf(foldIncident(this.lines()), Date.now(), first);
    return Object.fromEntries(
      clocks.flatMap(({ name, current, state }) => (current ? [[name, state.is]] : [])),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lock.release();
    await this.world[Symbol.asyncDispose]();
  }
}

/** What is measured without a severity is of no weight here. */
function untriggered(severities: unknown): unknown {
  const all = Object.entries(severities as Record<string, Record<string, unknown>>);
  return Object.fromEntries(all.map(([name, { triggers: _triggers, ...rest }]) => [name, rest]));
}
