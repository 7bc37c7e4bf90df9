import { Writable } from "node:stream";
import { setTimeout as later } from "node:timers/promises";
import { questionsOf } from "../../../app/context/questions.ts";
import { refusal } from "../../../app/context/refusal.ts";
import { refuse } from "../../../app/context/refuse.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";
import { recordCommand } from "../../../app/incident/record-command.ts";
import { openScene, readScene, timeNow, type Scene } from "../../../app/incident/scene.ts";
import { watchKeys, type WatchKey } from "../../../app/incident/watch-keys.ts";
import { createPrompt, Turn } from "../../../drivers/prompt/prompt.ts";
import { statusOf } from "../../../incident/status.ts";
import { timelineOf, type TimelineRow } from "../../../incident/timeline.ts";
import { FullScreen } from "../../../output/full-screen.ts";
import { watchLines } from "../../../output/incident-watch.ts";
import type { Stream } from "../../../output/outlet.ts";
import { watchJournals } from "../../../store/watch-journals.ts";
import { namesOf, status } from "./status.ts";

/** Milliseconds from one drawing to the next, and after which the records are read although nothing was heard. */
const tick = 1000;
const unheard = 5000;
const ctrlC = "\u0003";

/**
 * `lav-ir watch`: the open incident on a screen that is kept up to date, with keys for what one types most. It reads
 * records alone; a key runs its command as though it had been typed. Without a terminal it is `status`, once.
 */
export async function watch(world: World, options: GlobalOptions): Promise<number> {
  if (options.json === true)
    return refuse(world, options, refusal("watch draws a screen; use lav-ir status --json").failure);
  if (!questionsOf(world, options).available) return await status(world, options);
  const scene = await openScene(world, options, { command: "watch", closed: true });
  if (!scene.ok) return refuse(world, options, scene.failure);
  return await new Watching(world, options, scene.value).run();
}

class Watching {
  private readonly world: World;
  private readonly options: GlobalOptions;
  private scene: Scene;
  private timeline: readonly TimelineRow[];
  private readonly screen: FullScreen;
  /** When the records were read. */
  private read = Date.now();
  private stale = false;
  private said: string | undefined;
  private readonly pressed: string[] = [];
  private wake = new AbortController();

  constructor(world: World, options: GlobalOptions, scene: Scene) {
    this.world = world;
    this.options = { ...options, incident: scene.place.incident };
    this.scene = scene;
    this.timeline = timelineOf(scene.fold);
    const { outlet, job } = world;
    this.screen = new FullScreen(outlet.canvas, outlet.clean, job, () => this.rouse());
  }

  async run(): Promise<number> {
    const { interruption, stderr } = this.world;
    const rouse = (): void => this.rouse();
    const unwatch = watchJournals(this.scene.place.store.place, () => {
      this.stale = true;
      this.rouse();
    });
    interruption.stop.addEventListener("abort", rouse);
    stderr.on("resize", rouse);
    this.listen();
    try {
      for (;;) {
        if (interruption.stop.aborted) return interruption.exitCode();
        const key = this.pressed.shift();
        if (key === "q" || key === ctrlC) return key === "q" ? 0 : 130;
        if (key !== undefined) await this.press(key);
        await this.refresh();
        this.screen.draw(this.lines());
        if (this.pressed.length === 0) await this.rest();
      }
    } finally {
      this.unlisten();
      stderr.off("resize", rouse);
      interruption.stop.removeEventListener("abort", rouse);
      unwatch();
      this.screen.leave();
    }
  }

  private async refresh(): Promise<void> {
    if (!this.stale && Date.now() - this.read < unheard) return;
    this.stale = false;
    this.read = Date.now();
    this.scene = await readScene(this.scene, this.scene.place);
    this.timeline = timelineOf(this.scene.fold);
  }

  private lines(): readonly string[] {
    const { fold, place, desk } = this.scene;
    const now = timeNow(fold, desk);
    const { sender, call } = namesOf(this.scene);
    const { unknown, incomplete } = this.scene.status;
    const counted = { ...statusOf(fold, now, place.incident), unknown, incomplete };
    const { timeline, said } = this;
    return watchLines({ status: counted, timeline, now, call, sender, said }, this.screen.size);
  }

  /** Until the next second, or until something happens. */
  private async rest(): Promise<void> {
    this.wake = new AbortController();
    // What came while it was drawn has woken the one before.
    if (this.stale || this.world.interruption.stop.aborted) return;
    await later(tick, undefined, { signal: this.wake.signal }).catch(() => {});
  }

  private rouse(): void {
    this.wake.abort();
  }

  private async press(key: string): Promise<void> {
    this.said = undefined;
    const chosen = Object.hasOwn(watchKeys, key) ? watchKeys[key] : undefined;
    if (chosen === undefined) return;
    this.unlisten();
    try {
      await this.carryOut(chosen);
    } finally {
      this.pressed.length = 0;
      this.listen();
    }
    this.stale = true;
  }

  private async carryOut(key: WatchKey): Promise<void> {
    const { interruption } = this.world;
    const prompt = createPrompt(questionsOf(this.world, this.options), new Turn());
    const [head = ""] = this.lines();
    const make = await this.screen.asking([head, ""], async () => await key.ask(prompt, interruption.stop));
    if (make === undefined) return;
    const told = new Told();
    const quiet = { ...this.world, stdout: told.stream, stderr: told.stream };
    await recordCommand(quiet, this.options, key.command, make);
    this.said = told.text();
  }

  private readonly hear = (data: Buffer | string): void => {
    for (const key of data.toString()) this.pressed.push(key);
    this.rouse();
  };

  private listen(): void {
    const { stdin } = this.world;
    stdin.setRawMode?.(true);
    stdin.on("data", this.hear).resume();
  }

  private unlisten(): void {
    const { stdin } = this.world;
    stdin.off("data", this.hear).pause();
    stdin.setRawMode?.(false);
  }
}

/** What a command says, kept for a line of the screen. */
class Told {
  readonly stream: Stream;
  private said = "";

  constructor() {
    this.stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.said += chunk.toString();
        done();
      },
    });
  }

  text(): string {
    return this.said
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .join("; ");
  }
}
