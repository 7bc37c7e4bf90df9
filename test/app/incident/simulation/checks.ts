import type { IncidentStatus } from "../../../../src/incident/status.ts";
import type { Machine } from "./machine.ts";
import { linesOf } from "./lines.ts";
import { Recomputed, type Clock, type Line } from "./recompute.ts";
import type { Weather } from "./script.ts";

/** Milliseconds that a sender may take until it has done what is due, for it may have met a full disk. */
const dawdles = 60_000;

/** Each is a sentence on what does not hold. */
export type Wrong = string;

/** The wall clock, less what the records say that it is ahead. */
function nowOf(machine: Machine): number {
  const clock = linesOf(machine).findLast(({ type }) => type === "desk.clock");
  return machine.clock.now().getTime() - (clock?.data.offset_ms ?? 0);
}

/** The chain holds, and whatever a command said is on record is there. */
export async function checkRecords(machine: Machine): Promise<readonly Wrong[]> {
  const { verdict, message = "" } = await machine.store.verify({ incident: machine.incident });
  const lines = new Map(linesOf(machine).map((line) => [line.ref, line.type]));
  const gone = machine.claimed.flatMap(({ refs, types }) =>
    refs.flatMap((ref, at) =>
      lines.get(ref) === types[at] ? [] : [`${ref} is not what its command recorded`],
    ),
  );
  return [...(verdict === "holds" ? [] : [`the chain is ${verdict}: ${message}`]), ...gone];
}

/** Every figure of the status is what the records say. @param status what is shown; without it, what it is */
export async function checkStatus(machine: Machine, status?: IncidentStatus): Promise<readonly Wrong[]> {
  const now = nowOf(machine);
  const shown = figuresShown(status ?? (await machine.status()));
  const counted = figuresCounted(new Recomputed(linesOf(machine), now));
  return Object.keys({ ...shown, ...counted }).flatMap((name) => {
    const [a, b] = [JSON.stringify(shown[name]), JSON.stringify(counted[name])];
    return a === b ? [] : [`status: ${name} is ${a}, and the records say ${b}`];
  });
}

type Figures = Readonly<Record<string, unknown>>;

function figuresShown(status: IncidentStatus): Figures {
  const { clocks, roles, answers, silent, messages, events, severity, affects, state, notes, ended } = status;
  const name = (role: string): string | undefined =>
    roles.find((one) => one.role === role)?.holders.map(({ who }) => who)[0];
  return {
    severity,
    affects,
    state,
    notes,
    ended,
    commander: name("commander"),
    scribe: name("scribe"),
    answers: answers.map(({ person, at }) => `${person} ${at}`).toSorted(),
    silent: silent.map(({ who, paged }) => `${who} ${paged}`).toSorted(),
    messages: sorted(messages),
    ...Object.fromEntries(Object.entries(events).map(([event, { at }]) => [`event ${event}`, at])),
    clocks: clocks
      .map(({ name: clock, severity: of, nth, current, state: one, repeated }) => {
        const figure =
          one.is === "running"
            ? ` ${one.left}`
            : one.is === "met"
              ? ` ${one.took}`
              : one.is === "missed"
                ? ` ${one.by}`
                : "";
        const missed = repeated === undefined || one.is === "off" ? "" : `, ${repeated.missed} missed`;
        return `${clock} ${of} ${nth}${current ? "" : " over"}: ${one.is}${figure}${missed}`;
      })
      .toSorted(),
  };
}

function figuresCounted(counted: Recomputed): Figures {
  const events = ["declared", "started", "detected", "paged", "answered", "commander", "bridge", "briefed"];
  const more = ["update", "stakeholders", "classified", "mitigated", "recovered", "resolved"];
  return {
    severity: counted.severity,
    affects: counted.affects,
    state: counted.state,
    notes: counted.notes,
    ended: counted.end?.when,
    commander: counted.holder("commander"),
    scribe: counted.holder("scribe"),
    answers: counted.answers,
    silent: counted.silent,
    messages: sorted(counted.sent),
    ...Object.fromEntries(
      [...events, ...more].flatMap((event) => {
        const at = counted.event(event);
        return at === undefined ? [] : [[`event ${event}`, at]];
      }),
    ),
    clocks: counted.clocks
      .map(({ name, severity, n, current, state, missed }) => {
        const times = missed === undefined ? "" : `, ${missed} missed`;
        return `${name} ${severity} ${n}${current ? "" : " over"}: ${state}${times}`;
      })
      .toSorted(),
  };
}

function sorted(counts: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(counts)
    .map(([how, count]) => `${count} ${how}`)
    .toSorted();
}

/** No clock has fired twice, and none for nothing. */
export function checkFirings(machine: Machine, weather: Weather): readonly Wrong[] {
  const lines = linesOf(machine);
  const seen = new Set<string>();
  return lines.flatMap((line, place) => {
    if (line.type !== "clock.fired") return [];
    const { clock, severity, n, after, due } = line.data;
    const name = `${String(clock)} ${severity} ${n}${after === undefined ? "" : `, its ${after}.`}`;
    const twice = seen.has(name) ? [`clock ${name} has fired twice (${line.ref})`] : [];
    seen.add(name);
    if (weather.steps) return twice;
    // Its own messages stand before it.
    const before = lines
      .slice(0, place)
      .filter(({ data }) => !(line.data.did?.includes(data.key ?? "") === true));
    const reading = new Recomputed(before, line.at).clocks.find(
      (one) =>
        one.name === clock &&
        one.severity === severity &&
        one.current &&
        (one.every !== undefined || one.n === n),
    );
    // What it does on the way, it does while it runs; only a limit that has passed is one that was missed.
    const open =
      reading?.event === undefined &&
      (after === undefined ? /^missed/ : /^(?:missed|running)/).test(reading?.state ?? "");
    const early = Date.parse(due ?? "") > line.at;
    return [
      ...twice,
      ...(open && !early
        ? []
        : [`clock ${name} fired for nothing (${line.ref}): ${JSON.stringify(reading)}`]),
    ];
  });
}

/**
 * Whatever was late while a sender could notice it is on record: at the end of each time in which one lived, and once
 * more now. What came to be late by a word that was said later, or was no longer late by one, is nobody's to notice.
 */
export function checkBreaches(machine: Machine): readonly Wrong[] {
  const truly = linesOf(machine, "truly");
  const fired = truly.filter(({ type, data }) => type === "clock.fired" && data.after === undefined);
  const lateAt = (at: number): readonly Clock[] => {
    const known = truly.filter((line) => line.at <= at);
    if (known.length === 0) return [];
    const { clocks } = new Recomputed(known, at);
    return clocks.filter(
      ({ state, current, event }) => state.startsWith("missed") && current && event === undefined,
    );
  };
  return machine.lived.flatMap((life) => {
    const end = Math.min(life.to, machine.clock.truth());
    const before = end - dawdles;
    if (before < life.from) return [];
    const still = new Set(lateAt(end).map(nameOf));
    return lateAt(before).flatMap((clock) => {
      const { name, severity, n, every, state } = clock;
      const found = fired.some(
        ({ at, data }) =>
          at <= end &&
          data.clock === name &&
          data.severity === severity &&
          (every === undefined ? data.n === n : at >= lastLimit(clock, before)),
      );
      if (found || !still.has(nameOf(clock))) return [];
      return [`clock ${nameOf(clock)} was missed, and nobody noticed until ${clockText(end)}: ${state}`];
    });
  });
}

function nameOf({ name, severity, n }: Clock): string {
  return `${name} ${severity} ${n}`;
}

function clockText(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

/** The last limit of a repeated clock that has passed. */
function lastLimit({ from = 0, every = 0 }: Clock, now: number): number {
  return from + Math.floor((now - from) / every) * every;
}

interface Arrival {
  readonly marked: boolean;
  /** It says NOT RECORDED. */
  readonly lost: boolean;
}

/** Each message as it was first queued, with each time that it arrived. */
export function arrivalsOf(
  machine: Machine,
): readonly { readonly data: Line["data"]; readonly arrived: readonly Arrival[] }[] {
  const lines = linesOf(machine);
  const { slack, duty, twilio, hook } = machine.channels;
  const posts = slack.posts.filter(({ user }) => user === "bot");
  const texts = twilio.messages.filter(({ direction }) => direction === "outbound-api");
  const queued = lines.filter(({ type }) => type === "message.queued").toSorted((a, b) => a.seq - b.seq);
  const first = queued.filter(
    ({ data }, at) => queued.findIndex((other) => other.data.key === data.key) === at,
  );
  return first.map(({ data }, at) => {
    const { key = "", channel, level } = data;
    // Its key makes one of two: there is nothing to mark.
    const triggers = duty.incidents.filter((one) => one.key === `${machine.incident}/${level}`);
    if (channel === "on-call") return { data, arrived: triggers.map(() => ({ marked: true, lost: false })) };
    const own = `${machine.incident} ${key}`;
    const tag = `[${machine.incident} #${data.number ?? at + 1}]`;
    const found =
      channel === "war-room"
        ? posts.filter(({ metadata: its }) => its?.event_payload["key"] === own).map(({ text }) => text)
        : channel === "sms"
          ? texts.filter(({ body }) => body.includes(tag)).map(({ body }) => body)
          : hook.deliveries.filter((one) => one.key === key).map(({ text }) => text);
    return { data, arrived: found.map(markOf) };
  });
}

/** Every message arrived, or the records say why not; and whichever arrived twice says so. */
export function checkMessages(machine: Machine): readonly Wrong[] {
  const lines = linesOf(machine);
  const counted = new Recomputed(lines, nowOf(machine));
  const { duty } = machine.channels;
  const wrong: Wrong[] = [];
  for (const { data, arrived } of arrivalsOf(machine)) {
    const { key = "", channel, kind } = data;
    const outcome = counted.outcome(key);
    // One that says NOT RECORDED says with it that a sender which forgets it sends it again.
    const recorded = arrived.filter(({ lost }) => !lost);
    if (recorded.slice(1).some(({ marked }) => !marked)) wrong.push(`${key} arrived twice without the mark`);
    if (["queued", "under way", "held"].includes(outcome)) wrong.push(`${key} is left ${outcome}`);
    // The end resolves keys that a clock may have opened: one that was not is nobody's.
    const resolves = channel === "on-call" && kind === "notice";
    if (["accepted", "delivered"].includes(outcome) && arrived.length === 0 && !resolves)
      wrong.push(`${key} is lost: nobody has it, and it is ${outcome}`);
    const mattered = outcome === "unknown" && kind === "page" && counted.unwanted(key) === undefined;
    if (mattered && channel !== "hook" && !isSought(lines, key))
      wrong.push(`${key} is a page whose fate nobody looked for`);
  }
  for (const { key, notified } of duty.incidents) {
    const same = duty.incidents.filter((one) => one.key === key);
    if (same.length > 1 || notified > 1) wrong.push(`${key} notified the rotation twice`);
  }
  const open = duty.incidents.filter(({ status }) => status !== "resolved");
  if (counted.state !== "open" && open.length > 0)
    wrong.push(`${open[0]?.key ?? ""} is still open at the pager`);
  return wrong;
}

/** It was sent four times, and behind the last time nobody could say three times what became of it: a person has to. */
function isSought(lines: readonly Line[], key: string): boolean {
  const own = lines.filter(({ data }) => data.key === key);
  const attempts = own.filter(({ type }) => type === "message.attempt");
  const looks = own.slice(own.findLastIndex(({ type }) => type === "message.attempt"));
  return attempts.length >= 4 && looks.filter(({ data }) => data.code === "cannot-look").length >= 3;
}

function markOf(text: string): Arrival {
  return { marked: text.includes("(may be a repeat)"), lost: text.includes("NOT RECORDED") };
}
