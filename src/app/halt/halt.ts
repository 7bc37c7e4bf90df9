import { bounded } from "../../base/bounded.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { printable } from "../../base/printable.ts";
import type { HaltScope } from "../../ports/trading.ts";
import type { Source } from "../../language/source.ts";
import { loadClient } from "../../trading/api/call.ts";
import { sendHalt } from "../../trading/api/requests.ts";
import type { HttpSettings } from "../../drivers/http/http.ts";
import { scopeText } from "../../trading/proof/scope.ts";
import { platformLine } from "../../platform/line.ts";
import { secretFile } from "../context/secret-sources.ts";
import type { PlatformFile } from "../context/platform-file.ts";
import type { World } from "../context/world.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import { type HaltFlags, needsReason, reasonOf } from "./flags.ts";
import type { Disks } from "./disks.ts";
import { inTime, patience, silence } from "./patience.ts";
import { haltPlatform, type Keep } from "./platform.ts";
import { readDoors } from "./doors.ts";
import { openHaltRecord, type HaltRecord } from "./record.ts";
import { readToken } from "./token.ts";
import type { HaltPlatform, UnderWay } from "./under-way.ts";
import { refuseHalt } from "./refuse.ts";

/** Milliseconds that answers are still waited for after an interruption. */
const grace = 1000;
/** How much longer than it took until then the open incident is looked for, and milliseconds at the most. */
const share = 0.3;
const longestLook = 250;
/** Milliseconds for which nothing else is done, so that every request gets out first. */
const wire = 150;

/** What follows once the platform file is read: see `haltAll`. */
export async function halt(
  world: World,
  flags: HaltFlags,
  file: PlatformFile,
  scope: HaltScope,
  disks: Disks,
): Promise<number> {
  const { stderr } = world;
  const finding = haltPlatform(world, flags, file, disks);
  // While the disks are asked.
  loadClient();
  const found = await finding;
  if (!found.ok) return await refuseHalt(world, flags, found.failure);
  const { platform, keep } = found.value;
  const named = (incident?: string): void => {
    if (flags.json === true || flags.quiet === true || flags.named === platform.path) return;
    stderr.write(`${printable(platformLine(platform, incident))}\n`);
  };
  const { instances, service, tokenHelp } = platform.trading;
  const token = await tokenOf(world, flags, disks);
  if (!token.ok) return await refuseHalt(world, flags, configured(`${token.failure}\n${tokenHelp}`));
  if (instances.length === 0)
    return await refuseHalt(
      world,
      flags,
      configured(`${platform.path} has no service ${service}, so there is nothing to halt`),
    );

  const http = await readDoors(world, platform, instances);
  if (!http.ok) return await refuseHalt(world, flags, configured(`${platform.path}: ${http.failure}`));

  const asks = flags.yes !== true || reasonOf(flags) === undefined;
  if (asks) named();
  const consent = asks ? await askConsent(world, flags, platform) : ok(flags);
  if (!consent.ok) return await refuseHalt(world, flags, consent.failure);
  const reason = reasonOf(consent.value);
  if (reason === undefined) return await refuseHalt(world, flags, needsReason);

  const incident = await currentIncident(flags, disks);
  const { out, ...under } = begin(world, {
    platform,
    http: http.value,
    source: file.source,
    token: token.value,
    reason,
    scope,
    incident,
  });
  // Loading blocks everything for as long as it takes, and so does starting a process.
  await out;
  const record = beginRecord(world, flags, under, keep);
  // Not before: whatever stderr is may stand still.
  if (!asks) named(incident);
  const { finishHalt } = await import("./finish.ts");
  return await finishHalt(world, flags, { ...under, record }, disks);
}

const configured = (message: string): Refusal => refusal(message, "configuration").failure;

/** The token, from a disk that answers. */
async function tokenOf(world: World, flags: HaltFlags, disks: Disks): Promise<Result<string, string>> {
  const file = secretFile(world.env, "EMERGENCY_TOKEN");
  if (file !== undefined && !((await inTime(world, file, disks.answer(file, patience.whole))) === true))
    return fail(`cannot read the emergency token from ${file}: ${silence}; set EMERGENCY_TOKEN itself`);
  return await readToken(world.env, new Date(), flags.sendAnyway === true);
}

/** The incident that the halt is sent for, where it is known in no time. */
async function currentIncident(flags: HaltFlags, disks: Disks): Promise<string | undefined> {
  return flags.incident ?? (await disks.incident(Math.min(longestLook, performance.now() * share)));
}

async function askConsent(
  world: World,
  flags: HaltFlags,
  platform: HaltPlatform,
): Promise<Result<HaltFlags, Refusal>> {
  const { askHalt } = await import("./ask.ts");
  return await askHalt(world, flags, platform, scopeText((flags.scope ?? "all") as HaltScope));
}

interface What {
  readonly platform: HaltPlatform;
  readonly http: HttpSettings;
  readonly source: Source;
  readonly token: string;
  readonly reason: string;
  readonly scope: HaltScope;
  readonly incident: string | undefined;
}

function begin(
  world: World,
  { platform, http, source, token, reason, scope, incident }: What,
): Omit<UnderWay, "record"> & { readonly out: Promise<unknown> } {
  const since = new Date();
  const begun = performance.now();
  const { user, host, interruption } = world;
  const id = haltId(since);
  const operator = `${user}@${host}`;
  const request = { incident: incident ?? id, operator, reason, scope, token, key: id };
  const { instances, deadline } = platform.trading;
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
    const reply = sendHalt(url, request, within, { http, sent: () => sent() });
    // One that is refused at once is as good as out.
    outs.push(Promise.race([away, reply]));
    return { instance: { url, found: "configured", container: undefined } as const, reply };
  });
  const out = Promise.race([Promise.all(outs), later(wire)]);
  return { id, platform, http, source, request, incident, since, begun, answers, out, signal: ended.signal };
}

/** What was sent goes on record first, whatever comes of it. */
function beginRecord(
  world: World,
  flags: HaltFlags,
  { id, platform, request, incident, since }: Omit<UnderWay, "record">,
  keep: Keep | undefined,
): HaltRecord {
  const say = (text: string): void => void world.stderr.write(`${printable(text)}\n`);
  const record = openHaltRecord(world, flags, id, {
    fault: (why) => say(`THE JOURNAL CANNOT BE WRITTEN: ${why}. The halt continues without it.`),
    note: say,
  });
  const { token: _secret, ...shown } = request;
  const { instances } = platform.trading;
  record.put({ order: "begin", state: record.state, halt: id, incident });
  record.put({
    order: "record",
    record: { type: "halt.intent", data: { ...shown, platform: platform.name, instances } },
    time: since.toISOString(),
  });
  if (keep !== undefined) record.put({ order: "keep", ...keep });
  return record;
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
