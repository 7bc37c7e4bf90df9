import { bounded } from "../../base/bounded.ts";
import { ok, type Result } from "../../base/result.ts";
import { printable } from "../../base/printable.ts";
import type { HaltReply, HaltRequest, HaltScope, TradingInstance } from "../../drivers/trading-ports.ts";
import { sendHalt } from "../../drivers/trading/requests.ts";
import { isScope, scopePattern, scopeText } from "../../kinds/trading-scope.ts";
import { platformLine } from "../../platform/line.ts";
import type { World } from "../world.ts";
import type { HaltFlags } from "./flags.ts";
import { haltPlatform, type HaltPlatform } from "./platform.ts";
import { openHaltRecord, openIncident, type HaltRecord } from "./record.ts";
import { readToken } from "./token.ts";

/** Milliseconds the intent has to reach the disk. A disk that takes longer does not hold up the halt. */
const patience = 250;
/** Milliseconds that answers are still waited for after an interruption. */
const grace = 1000;
/** Milliseconds for which nothing else is done, so that every request gets out first. */
const wire = 150;

/** A halt under way: its requests are on the wire, or about to be. */
export interface UnderWay {
  readonly id: string;
  readonly platform: HaltPlatform;
  readonly request: HaltRequest;
  readonly record: HaltRecord;
  readonly since: Date;
  /** By the clock that only grows, in milliseconds. */
  readonly begun: number;
  readonly answers: readonly {
    readonly instance: TradingInstance;
    readonly reply: Promise<Result<HaltReply>>;
  }[];
  /** Resolves when every request is out, or as good as. */
  readonly out: Promise<unknown>;
  /** Fires when the operator interrupts, after answers have had their grace. */
  readonly signal: AbortSignal;
}

/**
 * `lav-ir halt-all`: everything that must be known is checked here on this machine, the intent is written,
 * and every instance is told at once, by Node's own client. All else is loaded while they answer.
 */
export async function haltAll(world: World, flags: HaltFlags): Promise<number> {
  const { env, stderr } = world;
  const refuse = (message: string, code: 2 | 3 = 2): number => {
    stderr.write(`${printable(message)}\nNothing was sent.\n`);
    return code;
  };
  const { scope = "all" } = flags;
  if (!isScope(scope)) return refuse(`--scope ${scope} must be ${scopePattern.says}`);
  const found = await haltPlatform(world, flags);
  if (!found.ok) return refuse(found.failure.message);
  const { platform, keep } = found.value;
  if (flags.json !== true && flags.quiet !== true) stderr.write(`${printable(platformLine(platform))}\n`);
  const { instances, service, tokenHelp } = platform.trading;
  const token = readToken(env, new Date(), flags.sendAnyway === true);
  if (!token.ok) return refuse(`${token.failure}\n${tokenHelp}`);
  if (instances.length === 0)
    return refuse(`${platform.path} has no service ${service}: there is nothing to halt`);

  const consent =
    flags.yes === true && reasonOf(flags) !== undefined
      ? ok(flags)
      : await askConsent(world, flags, platform);
  if (!consent.ok)
    return consent.failure.code === 130 ? 130 : refuse(consent.failure.message, consent.failure.code);
  const reason = reasonOf(consent.value);
  if (reason === undefined) return refuse('halt-all needs --reason "why"');

  const under = begin(world, flags, { platform, token: token.value, reason, scope });
  // Loading blocks everything for as long as it takes.
  await under.out;
  const { finishHalt } = await import("./finish.ts");
  keep();
  return await finishHalt(world, flags, under);
}

export function reasonOf({ reason }: HaltFlags): string | undefined {
  return reason === undefined || reason.trim() === "" ? undefined : reason.trim();
}

type Declined = { readonly message: string; readonly code: 2 | 3 | 130 };

async function askConsent(
  world: World,
  flags: HaltFlags,
  platform: HaltPlatform,
): Promise<Result<HaltFlags, Declined>> {
  const { askHalt } = await import("./ask.ts");
  return await askHalt(world, flags, platform, scopeText((flags.scope ?? "all") as HaltScope));
}

interface What {
  readonly platform: HaltPlatform;
  readonly token: string;
  readonly reason: string;
  readonly scope: HaltScope;
}

function begin(world: World, flags: HaltFlags, { platform, token, reason, scope }: What): UnderWay {
  const since = new Date();
  const begun = performance.now();
  const { user, host, stderr, interruption } = world;
  const id = haltId(since);
  const record = openHaltRecord(world, flags, id, (why) =>
    stderr.write(`THE JOURNAL CANNOT BE WRITTEN: ${printable(why)}. The halt goes on without it.\n`),
  );
  const incident = openIncident(world, flags) ?? id;
  const request = { incident, operator: `${user}@${host}`, reason, scope, token, key: id };
  const { token: _secret, ...shown } = request;
  const { instances, deadline } = platform.trading;
  // The connections are made while the intent is written; the requests go when it is, or when it takes too long.
  const written = record.put("halt.intent", { ...shown, platform: platform.name, instances });
  const after = Promise.race([written, later(patience)]);
  const ended = new AbortController();
  interruption.stop.addEventListener("abort", () =>
    setTimeout(() => ended.abort("interrupted"), grace).unref(),
  );
  interruption.kill.addEventListener("abort", () => ended.abort("interrupted"));
  const within = bounded(ended.signal, deadline);
  const outs: Promise<unknown>[] = [];
  const answers = instances.map((url) => {
    let sent = (): void => {};
    const away = new Promise<void>((resolve) => (sent = resolve));
    const reply = sendHalt(url, request, within, { after, sent: () => sent() });
    // One that is refused at once is as good as out.
    outs.push(Promise.race([away, reply]));
    return { instance: { url, found: "configured", container: undefined } as const, reply };
  });
  const out = Promise.race([Promise.all(outs), later(wire)]);
  return { id, platform, request, record, since, begun, answers, out, signal: ended.signal };
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** `HALT-20260131-141502-3fa9c1`: sorts by time, and two operators at once differ. */
function haltId(now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  // It need not be a secret, and what makes secrets takes long to load.
  const random = Math.floor(Math.random() * 0x1000000)
    .toString(16)
    .padStart(6, "0");
  return `HALT-${stamp}-${random}`;
}
