import type { HaltData, HaltRecord } from "../../events/halt-record.ts";

/** What starts the program as the process that keeps a halt's record: its own affair, in no help. */
export const keeperCommand = "--keep-halt-record";

/** What the process that keeps a halt's record is told, a line of JSON each; `time` is when it happened. */
export type Order =
  | {
      readonly order: "begin";
      /** The state folder, as a whole path. */
      readonly state: string;
      readonly halt: string;
      /** The incident that the halt was sent for, where that was known. */
      readonly incident: string | undefined;
    }
  | {
      readonly order: "record";
      readonly record: HaltRecord;
      readonly time: string;
    }
  | {
      readonly order: "receipt";
      readonly receipt: HaltData<"halt.receipt">;
      readonly text: string;
      readonly time: string;
    }
  /** What makes the next halt faster. */
  | { readonly order: "keep"; readonly file: string; readonly text: string };

/** What it says to each, once that is on the disk or cannot be. */
export interface Word {
  /** Why it is not recorded, as it completes "…: ". */
  readonly fault?: string;
  /** What a person should know besides. */
  readonly note?: string;
}

/** Milliseconds after which it gives up, whatever the disk does. */
export const longestKeeping = 600_000;
