import type { Result } from "../../base/result.ts";
import type { HttpSettings } from "../../drivers/http/http.ts";
import type { Source } from "../../language/source.ts";
import type { PlatformDocker } from "../../platform/platform.ts";
import type { HaltReply, HaltRequest, TradingInstance } from "../../ports/trading.ts";
import type { TradingSettings } from "../../trading/api/trading.ts";
import type { AskedAt } from "./doors.ts";
import type { HaltRecord } from "./record.ts";

/** A halt under way: its requests are on the wire, or about to be. */
export interface UnderWay {
  readonly id: string;
  readonly platform: HaltPlatform;
  /** What the instances ask for, as it was read. */
  readonly http: HttpSettings;
  readonly source: Source;
  readonly request: HaltRequest;
  readonly record: HaltRecord;
  readonly since: Date;
  /** By the clock that only grows, in milliseconds. */
  readonly begun: number;
  readonly answers: readonly {
    readonly instance: TradingInstance;
    readonly reply: Promise<Result<HaltReply>>;
  }[];
  readonly incident: string | undefined;
  /** Fires when the operator interrupts, after answers have had their grace. */
  readonly signal: AbortSignal;
}

/** What a halt needs of the platform. */
export interface HaltPlatform {
  readonly name: string;
  readonly production: boolean;
  readonly environment: string | undefined;
  readonly path: string;
  /** The file that `ca` was read from. */
  readonly authority: string | undefined;
  /** Certificates to trust instead of Node's own, as PEM. */
  readonly ca: string | undefined;
  /** What servers ask for, by its names. */
  readonly asked: readonly AskedAt[];
  /** What the file says of the engine; it is looked for once the requests are out. */
  readonly docker: PlatformDocker;
  readonly trading: Omit<TradingSettings, "http">;
}
