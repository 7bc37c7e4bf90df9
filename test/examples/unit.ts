import type { Asked } from "./asked.ts";
import type { Ends, Program } from "./programs.ts";

const properties =
  "LoadState,ActiveState,SubState,Result,NRestarts,ExecMainCode,ExecMainStatus,ExecMainStartTimestamp,ExecMainExitTimestamp";

/** A unit of systemd 252, by the words that `systemctl` takes for it. */
export class Unit {
  readonly name: string;
  /** What systemctl says instead of doing what it is asked. */
  refuses: string | undefined;
  restarted: () => void = () => {};
  private readonly asked: Asked;
  private starts = 0;

  constructor(name: string, asked: Asked) {
    this.name = name;
    this.asked = asked;
  }

  readonly systemctl: Program = (args) => {
    const line = args.join(" ");
    if (line === `show --no-pager --timestamp=us+utc --property=${properties} -- ${this.name}`) {
      this.asked.read(`systemctl show ${this.name}`);
      return { stdout: this.shown() };
    }
    if (line === `--no-ask-password restart -- ${this.name}`) return this.restart();
    return undefined;
  };

  private restart(): Ends {
    this.asked.change(`systemctl restart ${this.name}`);
    if (this.refuses !== undefined) return { code: 1, stderr: `${this.refuses}\n` };
    this.starts += 1;
    this.restarted();
    return {};
  }

  private shown(): string {
    const start = `Mon 2026-11-30 06:00:${String(this.starts).padStart(2, "0")}.000000 UTC`;
    const fields = {
      LoadState: "loaded",
      ActiveState: "active",
      SubState: "running",
      Result: "success",
      NRestarts: "0",
      ExecMainCode: "0",
      ExecMainStatus: "0",
      ExecMainStartTimestamp: start,
      ExecMainExitTimestamp: "",
    };
    return Object.entries(fields)
      .map(([name, value]) => `${name}=${value}\n`)
      .join("");
  }
}
