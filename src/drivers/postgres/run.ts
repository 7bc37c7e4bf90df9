import type { SqlValue } from "../../ports/ports.ts";
import { named, type Reader } from "./values.ts";

/** Bytes of text kept of one statement's rows; what follows is counted and dropped. */
const keptBytes = 64 * 1024 * 1024;

/** What of pg's connection a statement uses: the messages of the extended protocol. */
export interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(message: { readonly text: string; readonly name: string }): void;
  bind(message: { readonly portal: string; readonly values: readonly (string | Buffer | null)[] }): void;
  describe(message: { readonly type: "P"; readonly name: string }): void;
  execute(message: { readonly portal: string; readonly rows: number }): void;
  sync(): void;
  sendCopyFail(message: string): void;
  once(event: "bindComplete", listener: () => void): void;
}

export interface StatementRequest {
  readonly text: string;
  readonly values: readonly (string | Buffer | null)[];
  /** Rows that are kept. */
  readonly maxRows: number;
  /** The server stops after `maxRows` and keeps the rest for `MOVE`; otherwise it runs to its end. */
  readonly stops: boolean;
  readonly reader: (type: number) => Reader;
}

/** The name under which the server keeps the rest of a statement that stopped. */
export const portal = "lav_ir";

/**
 * One statement in the extended protocol, which takes no second one, in the shape pg's client runs. Rows
 * beyond the limit are counted as they pass, so that memory stays flat.
 */
export class StatementRun {
  readonly rows: Readonly<Record<string, SqlValue>>[] = [];
  columns: readonly string[] = [];
  /** Rows that came, kept or not. */
  seen = 0;
  /** The server has more, and waits. */
  suspended = false;
  /** Parameters and text were accepted: from here on it may have done something. */
  begun = false;
  /** The server's word on what it did: `UPDATE 3`. */
  tag = "";
  readonly done: Promise<void>;
  private readonly request: StatementRequest;
  private readers: readonly Reader[] = [];
  private bytes = 0;
  private resolve: () => void = () => {};
  private reject: (error: unknown) => void = () => {};

  constructor(request: StatementRequest) {
    this.request = request;
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get kept(): boolean {
    return this.seen === this.rows.length;
  }

  submit(wire: Wire): void {
    const { text, values, maxRows, stops } = this.request;
    wire.once("bindComplete", () => (this.begun = true));
    wire.stream.cork();
    wire.parse({ text, name: "" });
    wire.bind({ portal, values });
    wire.describe({ type: "P", name: portal });
    // 0 stands for all rows.
    wire.execute({ portal, rows: stops ? Math.max(1, maxRows) : 0 });
    wire.sync();
    wire.stream.uncork();
  }

  handleRowDescription(message: {
    readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  }): void {
    this.columns = distinct(message.fields.map(({ name }) => name));
    this.readers = message.fields.map(({ dataTypeID }) => this.request.reader(dataTypeID));
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.seen++;
    if (this.rows.length >= this.request.maxRows || this.bytes > keptBytes) return;
    for (const field of fields) this.bytes += field?.length ?? 0;
    this.rows.push(
      Object.fromEntries(
        this.columns.map((name, index) => {
          const field = fields[index] ?? null;
          return [name, field === null ? null : named(name, this.readers[index]?.(field) ?? null)];
        }),
      ),
    );
  }

  handlePortalSuspended(): void {
    this.suspended = true;
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.tag = text;
  }

  handleEmptyQuery(): void {}

  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail("there is no data to copy");
    wire.sync();
  }

  handleCopyData(): void {}

  handleReadyForQuery(): void {
    this.resolve();
  }

  handleError(error: unknown): void {
    this.reject(error);
  }
}

/** Columns of the same name are told apart: `count`, `count_2`. */
function distinct(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let n = 2; taken.has(free); n++) free = `${name}_${n}`;
    taken.add(free);
    return free;
  });
}

/** `UPDATE 3` → 3, `INSERT 0 3` → 3; undefined for `CREATE TABLE`. */
export function affected(tag: string): number | undefined {
  const count = / (\d+)$/.exec(tag)?.[1];
  return count === undefined ? undefined : Number(count);
}
