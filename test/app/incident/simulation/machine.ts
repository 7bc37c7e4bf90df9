import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendRecords, readChain } from "../../../../src/app/incident/chain.ts";
import { declareIncident, type Declaration } from "../../../../src/app/incident/declare.ts";
import { noTexts } from "../../../../src/app/incident/own-texts.ts";
import { readScene, timeNow, type Responders, type Scene } from "../../../../src/app/incident/scene.ts";
import { runSender } from "../../../../src/app/incident/sender.ts";
import type { Statement } from "../../../../src/app/incident/statements.ts";
import type { Refusal } from "../../../../src/app/context/refusal.ts";
import { ok, type Result } from "../../../../src/base/result.ts";
import { statusOf, type IncidentStatus } from "../../../../src/incident/status.ts";
import { fileStore } from "../../../../src/store/file-store.ts";
import { incidentFolder, journalIn, senderLock } from "../../../../src/store/layout.ts";
import { removeState } from "../../../../src/store/state-file.ts";
import type { Store } from "../../../../src/store/store.ts";
import { Channels } from "./channels.ts";
import { plan } from "./platform.ts";
import { Mortal, Work, type Disk } from "./process.ts";
import type { Random } from "./random.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** How a command ends: as it should, or killed before, in the middle of, or after its record. */
export type Fate = "well" | "killed-before" | "torn" | "killed-after";

/** What a command said is on record. */
export interface Claimed {
  readonly refs: readonly string[];
  readonly types: readonly string[];
}

/** From when until when a sender could see and do things: it lived, the machine was awake, the disk took its word. */
export interface Lived {
  readonly from: number;
  to: number;
}

/** A desk with its disk, its clock, its channels and, at times, its sender. */
export class Machine implements AsyncDisposable {
  readonly work = new Work();
  readonly clock: VirtualClock;
  readonly channels: Channels;
  readonly disk: Disk = { full: false };
  readonly state: string;
  readonly claimed: Claimed[] = [];
  readonly lived: Lived[] = [];
  /** What senders said, and how one ended that should not have. */
  readonly said: string[] = [];
  readonly crashes: unknown[] = [];
  incident = "";
  private readonly random: Random;
  private sender: { readonly life: Mortal; readonly stop: AbortController } | undefined;
  private readonly listeners = new Set<() => void>();

  private constructor(random: Random, clock: VirtualClock, channels: Channels) {
    [this.random, this.clock, this.channels] = [random, clock, channels];
    this.state = join(mkdtempSync(join(tmpdir(), "lav-ir-simulated-")), "state");
  }

  static async start(random: Random, epoch: number, late: (until: number) => number): Promise<Machine> {
    const clock = new VirtualClock(epoch, late);
    return new Machine(random, clock, await Channels.start(clock, random));
  }

  /** What truly is on the disk, read by nobody who can die. */
  get store(): Store {
    return this.storeOf("reader");
  }

  get journal(): string {
    return journalIn(incidentFolder(this.state, this.incident));
  }

  read(): string {
    return readFileSync(this.journal, "utf8");
  }

  /** Time passes until then, and everybody does what they do meanwhile. */
  async until(at: number): Promise<void> {
    for (;;) {
      await this.work.done();
      const { next } = this.clock;
      if (next > at) break;
      this.clock.passTo(next);
    }
    this.clock.passTo(at);
    await this.work.done();
  }

  async pass(ms: number): Promise<void> {
    await this.until(this.clock.monotonic() + ms);
  }

  async declare(declaration: Declaration): Promise<void> {
    const store = this.storeOf("ada");
    const declared = await this.work.counted(
      async () => await declareIncident(store, this.responders("ada"), declaration),
    );
    if (!declared.ok) throw new Error(declared.failure);
    this.incident = declared.value.number;
    this.ensureSender();
  }

  /** One command from its reading to its end. @returns false where it was refused, or is not on record. */
  async command(
    who: string,
    make: (scene: Scene) => Result<Statement, Refusal>,
    fate: Fate = "well",
  ): Promise<boolean> {
    return await this.work.counted(async () => {
      const scene = await this.scene(who);
      const made = make(scene);
      if (!made.ok || fate === "killed-before") return false;
      if (fate === "torn") {
        appendFileSync(this.journal, '{"v":2,"desk":"h","seq":');
        return false;
      }
      if (this.disk.full) return false;
      const { records, quoting, recipients } = made.value;
      const written = await appendRecords(scene.place, records, quoting);
      if (!written.ok) throw new Error(written.failure);
      this.claimed.push({ refs: written.value, types: records.map(({ type }) => type) });
      // Whoever watches hears of it from the kernel, or looks by himself after a while.
      if (this.random.chance(0.8)) for (const heard of this.listeners) heard();
      if (fate === "well" && (recipients?.send.length ?? 0) > 0) this.ensureSender();
      return true;
    });
  }

  /** The incident as a command reads it, by the machine's wall clock. */
  async scene(who: string): Promise<Scene> {
    const place = { store: this.storeOf(who), incident: this.incident };
    const scene = await readScene(this.responders(who), place);
    const now = timeNow(scene.fold, "h", this.clock.now().getTime());
    return { ...scene, now, status: statusOf(scene.fold, now, this.incident) };
  }

  async status(): Promise<IncidentStatus> {
    return (await this.scene("ada")).status;
  }

  async chain() {
    return await readChain({ store: this.store, incident: this.incident });
  }

  /** As whoever queued a message does. @param dies at which of its points it is killed */
  ensureSender(dies = Infinity): void {
    if (this.sender !== undefined) return;
    const stop = new AbortController();
    const life = new Mortal(this.work, dies, () => {
      this.ended();
      // Of a process that is gone; this one, which it was a part of, lives.
      removeState(senderLock(this.state));
    });
    this.lived.push({ from: this.clock.truth(), to: this.disk.full ? this.clock.truth() : Infinity });
    this.sender = { life, stop };
    void runSender({
      store: life.store(this.storeOf("sender"), this.disk),
      clock: life.clock(this.clock),
      plan,
      directory: this.channels.directory(life),
      stop: stop.signal,
      once: false,
      say: (text) => void this.said.push(text),
      watch: (changed) => {
        const heard = (): void => void (life.dead || changed());
        this.listeners.add(heard);
        return () => this.listeners.delete(heard);
      },
    })
      .then((held) => {
        if (held !== undefined) throw new Error("somebody else holds the sender's lock");
      })
      .catch((error: unknown) => void (life.dead || this.crashes.push(error)))
      .finally(() => {
        if (this.sender?.life === life) this.ended();
      });
  }

  /** The machine sleeps, and nobody on it looks at anything. */
  suspend(ms: number): void {
    this.blind(() => this.clock.suspend(ms));
  }

  fill(full: boolean): void {
    this.blind(() => (this.disk.full = full));
  }

  /** Ends the time in which the sender could do something, and begins another. */
  private blind(meanwhile: () => void): void {
    const last = this.sender === undefined ? undefined : this.lived.at(-1);
    if (last !== undefined) last.to = Math.min(last.to, this.clock.truth());
    meanwhile();
    if (last !== undefined && !this.disk.full) this.lived.push({ from: this.clock.truth(), to: Infinity });
  }

  killSender(): void {
    this.sender?.life.kill();
  }

  private ended(): void {
    const last = this.lived.at(-1);
    if (last !== undefined) last.to = Math.min(last.to, this.clock.truth());
    this.sender = undefined;
  }

  get sends(): boolean {
    return this.sender !== undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.killSender();
    await this.channels[Symbol.asyncDispose]();
    rmSync(join(this.state, ".."), { recursive: true, force: true });
  }

  private storeOf(actor: string): Store {
    return fileStore({ state: this.state, actor, host: "h" }, this.clock);
  }

  private responders(me: string): Responders {
    return { plan, platform: undefined, missing: undefined, me, own: noTexts, text: (typed) => ok(typed) };
  }
}
