import { Readable } from "node:stream";
import type { Job } from "../process/job.ts";
import type { Keyboard } from "./terminal.ts";

const ctrlZ = 0x1a;

/**
 * Standard input as questions are answered at. A terminal's survives what terminals do: it may go away (a window
 * that is closed, a line that breaks), and this process may be stopped or sent to the background.
 */
export function lasting(stdin: Keyboard, job: Job): Keyboard {
  stdin.on("error", () => {});
  return stdin.isTTY === true ? new Keys(stdin, job) : stdin;
}

/**
 * A terminal's keys, read and in raw mode only while this process is in the foreground: elsewhere the kernel
 * would stop it. Whoever reads is not told; the keys come again when the process is back.
 */
class Keys extends Readable implements Keyboard {
  readonly isTTY = true;
  private readonly source: Keyboard;
  private readonly job: Job;
  private reading = false;
  private raw = false;
  /** Both as they are set on the terminal now. */
  private now = { reading: false, raw: false };

  constructor(source: Keyboard, job: Job) {
    super();
    this.source = source;
    this.job = job;
    const end = (): void => void this.push(null);
    source.once("end", end).once("close", end).once("error", end);
    job.watch({ leaves: () => this.set(false, false), returns: () => this.back() });
  }

  override _read(): void {
    // What is read is pushed as it comes.
  }

  override resume(): this {
    this.reading = true;
    this.apply();
    return super.resume();
  }

  override pause(): this {
    this.reading = false;
    this.apply();
    return super.pause();
  }

  setRawMode(raw: boolean): this {
    this.raw = raw;
    this.apply();
    return this;
  }

  private apply(): void {
    if (this.job.foreground()) this.set(this.reading, this.raw);
  }

  /** A shell has set the terminal's mode in between, which Node does not know of. */
  private back(): void {
    if (this.now.raw) this.set(this.now.reading, false);
    this.apply();
  }

  private set(reading: boolean, raw: boolean): void {
    const { now } = this;
    this.now = { reading, raw };
    if (raw !== now.raw) this.mode(raw);
    if (reading === now.reading) return;
    if (reading) this.source.on("data", this.hear).resume();
    else this.source.off("data", this.hear).pause();
  }

  /** Node lets this throw when the terminal is gone, in the middle of closing a question. */
  private mode(raw: boolean): void {
    try {
      this.source.setRawMode?.(raw);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && gone.has(error.code))) throw error;
    }
  }

  /** In raw mode Ctrl-Z is a key like others. What was typed behind it is nobody's. */
  private readonly hear = (chunk: Buffer | string): void => {
    const bytes = Buffer.from(chunk as string);
    const at = this.raw ? bytes.indexOf(ctrlZ) : -1;
    if (at !== 0) this.push(at === -1 ? bytes : bytes.subarray(0, at));
    if (at !== -1) this.job.stop();
  };
}

const gone: ReadonlySet<unknown> = new Set(["EIO", "ENXIO", "EBADF", "ENOTTY"]);
