import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Block } from "../../../src/app/incident/block.ts";
import { importBlock, type Importer } from "../../../src/app/incident/import.ts";
import { planImports, type PlannedImport } from "../../../src/app/incident/import-plan.ts";
import { readChain } from "../../../src/app/incident/chain.ts";
import { createClock } from "../../../src/drivers/clock.ts";
import type { IncidentRecord } from "../../../src/events/incident-record.ts";
import { foldIncident } from "../../../src/incident/fold.ts";
import { statusOf } from "../../../src/incident/status.ts";
import { fileStore } from "../../../src/store/file-store.ts";
import { declared } from "../../incident/chains.ts";
import { attempt, queued } from "../../incident/records.ts";
import { temporaryFolder } from "../../program.ts";

export const id = "NR-20261130-094207-3fa9c1";
export const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
export const opening: IncidentRecord = { type: "incident.declared", data: { ...declared(), number: "" } };
export const key = `page/war-room/${id}`;
export const paged: readonly IncidentRecord[] = [queued({ key, sent_as: id }), attempt(key)];

export function block(records: readonly IncidentRecord[], more: Partial<Block> = {}, time = ago(60)): Block {
  return { id, actor: "ada", host: "ops1", records: records.map((record) => ({ time, record })), ...more };
}

export class Desk {
  readonly state = join(temporaryFolder(), "state");
  readonly store = fileStore({ state: this.state, actor: "bob", host: "ops1" }, createClock());
  readonly importer: Importer = { store: this.store, me: "bob", clean: (value) => value, desks: [] };

  constructor() {
    mkdirSync(this.state, { mode: 0o700 });
  }

  async plan(blocks: readonly Block[], named?: string): Promise<readonly PlannedImport[] | string> {
    const planned = await planImports(this.store, blocks, named);
    return planned.ok ? planned.value : planned.failure.message;
  }

  /** @returns the incident it went into, or why not */
  async import(one: Block, named?: string): Promise<string> {
    const planned = await this.plan([one], named);
    if (typeof planned === "string") return planned;
    const [{ target, block: whole }] = planned as readonly [PlannedImport];
    if (target.to === "nowhere") return `already in ${target.incident}`;
    const done = await importBlock(this.importer, whole, target);
    return done.ok ? (done.value?.incident ?? "already") : done.failure;
  }

  async lines(incident: string) {
    return (await this.store.read({ incident }))?.records ?? [];
  }

  async status(incident: string) {
    const { records } = await readChain({ store: this.store, incident });
    return statusOf(foldIncident(records), Date.now(), incident);
  }
}
