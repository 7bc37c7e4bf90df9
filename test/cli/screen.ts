import { spawn, type IPty } from "@lydell/node-pty";
import xterm from "@xterm/headless";
import process from "node:process";
import { explained } from "../explained.ts";
import { patience } from "../patience.ts";
import { program } from "./rig.ts";

export interface ScreenOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Another user of the system, where we are root. */
  readonly uid?: number;
  /** What runs at the terminal instead of the program: a shell, which is then typed to. */
  readonly command?: readonly [string, ...string[]];
}

/** Where the program runs, and with what environment. */
export interface Place {
  readonly folder: string;
  env(more?: Readonly<Record<string, string>>): Record<string, string>;
}

export interface TerminalEnd {
  readonly code: number;
  /** Everything that stands on the terminal, scrolled off lines included. */
  readonly text: string;
}

/** The program at a terminal of its own, as a person would see it. */
export class Screen implements Disposable {
  readonly ended: Promise<TerminalEnd>;
  /** Every byte the program wrote, its control sequences included. */
  raw = "";
  private readonly terminal: InstanceType<typeof xterm.Terminal>;
  private readonly pty: IPty;
  private readonly watchers = new Set<() => void>();
  private over = false;

  constructor(
    rig: Place,
    args: readonly string[],
    {
      columns = 100,
      rows = 30,
      env = {},
      uid,
      command = [process.execPath, program, ...args],
    }: ScreenOptions = {},
  ) {
    this.terminal = new xterm.Terminal({
      cols: columns || 80,
      rows: rows || 24,
      scrollback: 5000,
      allowProposedApi: true,
    });
    const [file, ...rest] = command;
    this.pty = spawn(file, rest, {
      cols: columns,
      rows,
      cwd: rig.folder,
      name: env["TERM"] ?? "xterm-256color",
      env: rig.env(env),
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    this.pty.onData((data) => {
      this.raw += data;
      this.terminal.write(data, () => this.tell());
    });
    explained(() => ({ what: command.slice(1).join(" "), printed: this.text() }));
    this.ended = new Promise((resolve) => {
      this.pty.onExit(({ exitCode, signal }) => {
        this.over = true;
        const code = signal === undefined || signal === 0 ? exitCode : 128 + signal;
        // What was written last is still on its way to the screen.
        this.terminal.write("", () => {
          this.tell();
          resolve({ code, text: this.text() });
        });
      });
    });
  }

  get pid(): number {
    return this.pty.pid;
  }

  /** Lines as they stand; one that was wrapped is one line again. */
  text(): string {
    const { active } = this.terminal.buffer;
    let text = "";
    for (let row = 0; row < active.length; row++) {
      const line = active.getLine(row);
      if (line === undefined) continue;
      text += `${line.isWrapped || row === 0 ? "" : "\n"}${line.translateToString(true)}`;
    }
    return text.trimEnd();
  }

  /** What is seen now: the rows of the window, without what has scrolled off. */
  view(): string {
    const { active } = this.terminal.buffer;
    const rows = Array.from({ length: this.terminal.rows }, (_, row) =>
      active.getLine(active.baseY + row)?.translateToString(true),
    );
    return rows.join("\n").trimEnd();
  }

  /** Resolves when this stands on the screen. @throws with what stands there, when it does not come. */
  async shows(wanted: string | RegExp): Promise<void> {
    const there = (): boolean =>
      typeof wanted === "string" ? this.text().includes(wanted) : wanted.test(this.text());
    await this.until(there, String(wanted));
  }

  /** Types while nothing is asked. Resolves when the terminal has the keys: it shows them itself. */
  async typeAhead(keys: string): Promise<void> {
    const from = this.raw.length;
    this.type(keys);
    const echo = keys.replaceAll(enter, "\r\n");
    await this.until(() => this.raw.slice(from).includes(echo), `the echo of ${JSON.stringify(keys)}`);
  }

  private async until(there: () => boolean, wanted: string): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.tell();
    }, patience);
    try {
      while (!there()) {
        if (this.over) throw new Error(`it ended without ${wanted}:\n${this.text()}`);
        if (late) throw new Error(`${wanted} does not come:\n${this.text()}`);
        await new Promise<void>((resolve) => this.watchers.add(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** The window is given another size, under the program's feet. */
  resize(columns: number, rows: number): void {
    this.terminal.resize(columns || 80, rows || 24);
    this.pty.resize(columns, rows);
  }

  type(keys: string): void {
    this.pty.write(keys);
  }

  kill(signal: NodeJS.Signals): void {
    this.pty.kill(signal);
  }

  /** The terminal goes away under the program: a window closed, a line that broke. */
  hangUp(): void {
    (this.pty as unknown as { destroy(): void }).destroy();
  }

  [Symbol.dispose](): void {
    if (!this.over) this.pty.kill("SIGKILL");
  }

  private tell(): void {
    for (const watcher of this.watchers) watcher();
    this.watchers.clear();
  }
}

export const enter = "\r";
export const down = "\u001b[B";
export const ctrlC = "\u0003";
export const ctrlZ = "\u001a";

/** A shell with job control; `lav-ir` is the program. */
export function shell(rig: Place, options: ScreenOptions = {}): Screen {
  const screen = new Screen(rig, [], {
    ...options,
    command: ["bash", "--norc", "--noprofile", "-i"],
    env: { PS1: "READY> ", ...options.env },
  });
  screen.type(`lav-ir() { '${process.execPath}' '${program}' "$@"; }${enter}`);
  return screen;
}
