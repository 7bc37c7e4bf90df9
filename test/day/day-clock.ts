import { renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const preload = fileURLToPath(new URL("../cli/preload/day.mjs", import.meta.url));

/**
 * The time of a day that is played: programs that are started with its environment have it, and are on its machine.
 * Between two moments of the script it goes on as the machine's own.
 */
export class DayClock {
  private readonly file: string;
  private readonly began: number;
  private readonly host: string;
  private ahead: number;

  /** @param begins an instant; the day is where it is set to, whatever the machine's own is */
  constructor(file: string, host: string, begins: string) {
    this.file = file;
    this.host = host;
    this.ahead = Date.parse(begins) - Date.now();
    this.began = this.ahead;
    this.write();
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => Date.now() + this.ahead;

  /** It is this time of the same day, in UTC; later already where what was before took longer. */
  at(time: string): void {
    this.until(Date.parse(`${new Date(this.now()).toISOString().slice(0, 10)}T${time}:00Z`));
  }

  /** It is that instant, or later. */
  until(instant: number): void {
    this.ahead += Math.max(0, instant - this.now());
    this.write();
  }

  env(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import=${preload}`, DAY_CLOCK: this.file, DAY_HOST: this.host };
  }

  /** Whoever reads it reads all of it. */
  private write(): void {
    writeFileSync(`${this.file}.new`, JSON.stringify({ ahead: this.ahead, began: this.began }));
    renameSync(`${this.file}.new`, this.file);
  }
}
