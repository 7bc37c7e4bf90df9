import type { HaltRequest } from "../../ports/trading.ts";
import type { Told } from "./halt-and-prove.ts";
import type { Receipt } from "./receipt.ts";

/** Everything that a halt tells, from the first request to the verdict. */
export type HaltEvent =
  | {
      readonly type: "sent";
      readonly halt: string;
      readonly request: Omit<HaltRequest, "token" | "key">;
      /** Base URLs of the instances that it was sent to. */
      readonly instances: readonly string[];
    }
  | Told
  | {
      readonly type: "finished";
      readonly receipt: Receipt;
      readonly exitCode: number;
      /** Why it is not on record. */
      readonly fault: string | undefined;
    };
