// The figures of an incident's status once more, from the lines of its journal alone. It shares no code with the
// program, and is written for one desk and one reading: slow, and without any state kept between records.

/** A line of the journal; `at` is when it was written, milliseconds since 1970. */
export interface Line {
  readonly seq: number;
  readonly ref: string;
  readonly at: number;
  readonly actor: string;
  readonly type: string;
  readonly data: Fields;
}

/** What records of all types may say, as far as a figure follows from it; which of it there is depends on the type. */
export interface Fields {
  readonly to: string | undefined;
  readonly from: string | undefined;
  readonly severity: string | undefined;
  readonly person: string | undefined;
  readonly role: string | undefined;
  readonly how: string | undefined;
  readonly name: string | undefined;
  readonly value: unknown;
  readonly key: string | undefined;
  readonly kind: string | undefined;
  readonly channel: string | undefined;
  readonly level: string | undefined;
  /** Of a message what made it, of a firing its name. */
  readonly clock: unknown;
  readonly outcome: string | undefined;
  readonly code: string | undefined;
  readonly n: number | undefined;
  readonly after: number | undefined;
  readonly due: string | undefined;
  readonly did: readonly string[] | undefined;
  readonly affects: readonly string[] | undefined;
  readonly add: readonly string[] | undefined;
  readonly drop: readonly string[] | undefined;
  readonly at: unknown;
  readonly provider: { readonly at: string } | undefined;
  readonly record: string | undefined;
  readonly field: string | undefined;
  readonly withdraw: boolean | undefined;
  readonly policy: PolicyFields | undefined;
  readonly offset_ms: number | undefined;
  readonly number: string | undefined;
}

interface PolicyFields {
  readonly teams: Readonly<Record<string, readonly string[]>>;
  readonly clocks: readonly ClockFields[];
  readonly escalation: Readonly<Record<string, { readonly to: readonly string[]; readonly answer?: number }>>;
}

interface ClockFields {
  readonly name: string;
  readonly when?: string;
  readonly from: string;
  readonly until: string;
  readonly within: Readonly<Record<string, number>>;
  readonly every: Readonly<Record<string, number>>;
  readonly or?: { readonly from: string; readonly within: number };
  readonly ends?: string;
}

interface Said extends Line {
  /** When it was so, after corrections. */
  readonly when: number;
  readonly value: string | undefined;
  readonly gone: boolean;
}

const order = ["P0", "P1", "P2", "P3"];

export class Recomputed {
  private readonly lines: readonly Said[];
  private readonly now: number;

  constructor(lines: readonly Line[], now: number) {
    this.lines = withCorrections(lines);
    this.now = now;
  }

  private of(...types: string[]): readonly Said[] {
    return this.lines.filter(({ type, gone }) => types.includes(type) && !gone);
  }

  get declared(): Said {
    const first = this.lines.find(({ type }) => type === "incident.declared");
    if (first === undefined) throw new Error("nothing was declared");
    return first;
  }

  private get policy(): PolicyFields {
    return this.declared.data.policy ?? { teams: {}, clocks: [], escalation: {} };
  }

  get severity(): string {
    const last = this.of("incident.declared", "incident.severity").at(-1);
    return last === undefined ? "" : severityIn(last);
  }

  get affects(): readonly string[] {
    let affected: string[] = [];
    for (const { type, data } of this.lines) {
      const { affects = [], add = [], drop = [] } = data;
      if (type === "incident.declared") affected.push(...affects);
      if (type !== "incident.affects") continue;
      for (const name of add) if (!affected.includes(name)) affected.push(name);
      affected = affected.filter((name) => !drop.includes(name));
    }
    return affected;
  }

  get end(): Said | undefined {
    const last = this.lines
      .filter(({ type }) => ["incident.resolved", "incident.cancelled", "incident.reopened"].includes(type))
      .at(-1);
    return last?.type === "incident.reopened" ? undefined : last;
  }

  get state(): string {
    return this.end?.type.replace("incident.", "") ?? "open";
  }

  get notes(): number {
    return this.lines.filter(({ type }) => type === "incident.note").length;
  }

  holder(role: string): string | undefined {
    const last = this.of("incident.role").findLast(({ data }) => data.role === role);
    return last === undefined ? undefined : (last.data.person ?? last.actor);
  }

  fact(name: string): Said | undefined {
    return this.of("incident.fact").findLast(({ data }) => data.name === name);
  }

  /** When a message was first taken by a provider; its sender's record says so. */
  private taken(kind: string, to?: string): readonly number[] {
    const team = to === undefined ? [] : (this.policy.teams[to] ?? []);
    const keys = this.messages
      .filter(({ data }) => data.kind === kind)
      .filter(({ data }) => to === undefined || data.level === to || team.includes(data.person ?? ""))
      .map(({ data }) => data.key);
    return keys.flatMap((key) => {
      const first = this.lines.find(
        ({ type, data }) =>
          type === "message.result" &&
          data.key === key &&
          ["accepted", "delivered"].includes(data.outcome ?? ""),
      );
      return first?.when ?? [];
    });
  }

  /** Each message once, as it was first queued. */
  private get messages(): readonly Said[] {
    const queued = this.lines.filter(({ type }) => type === "message.queued");
    return queued.filter(({ data }, at) => queued.findIndex((other) => other.data.key === data.key) === at);
  }

  /** When a key event was; undefined where it has not happened. */
  event(name: string, since = -Infinity): number | undefined {
    const declared = this.declared.when;
    switch (name) {
      case "declared":
        return declared;
      case "started":
        return this.fact("started")?.when ?? this.event("detected");
      case "detected":
        return this.fact("detected")?.when ?? declared;
      case "paged":
        return least(this.taken("page"));
      case "commander":
        return least(
          this.of("incident.role")
            .filter(({ data }) => data.role === "commander")
            .map(whenOf),
        );
      case "answered":
        return least(this.answersToAnything().filter((at) => at >= since));
      case "update":
        return this.updates[0];
      case "stakeholders":
        return this.fact("stakeholders")?.when ?? least(this.taken("update", "stakeholders"));
      case "briefed":
        return this.fact("briefed")?.when ?? least(this.taken("update", "executives"));
      case "resolved": {
        const last = this.lines.findLast(({ type }) => type === "incident.resolved");
        return last === undefined || this.reopenedAfter(last) ? undefined : last.when;
      }
      case "mitigated": {
        const last = this.fact("mitigated");
        return last === undefined || this.reopenedAfter(last) ? undefined : last.when;
      }
      default:
        return this.fact(name)?.when;
    }
  }

  private reopenedAfter({ seq }: Line): boolean {
    return this.lines.some((line) => line.type === "incident.reopened" && line.seq > seq);
  }

  private answersToAnything(): readonly number[] {
    const who = this.declared.data.person;
    const answers = this.of("incident.answer").filter(({ data }) => data.person !== who);
    const roles = this.of("incident.role").filter(({ data, actor }) =>
      (data.person ?? actor) === who
        ? data.person === who && data.role === "commander" && data.how === "taken"
        : data.how !== "given",
    );
    return [...answers, ...roles].map(whenOf);
  }

  private get updates(): readonly number[] {
    const facts = this.of("incident.fact").filter(({ data }) => data.name === "update");
    return [...facts.map(whenOf), ...this.taken("update")].toSorted((a, b) => a - b);
  }

  /** The severities in time: from when on which one. */
  get periods(): readonly { severity: string; from: number; to: number | undefined }[] {
    const periods: { severity: string; from: number; to: number | undefined }[] = [];
    for (const one of this.of("incident.declared", "incident.severity")) {
      const { when } = one;
      const severity = severityIn(one);
      const before = periods.at(-1);
      if (before?.severity === severity) continue;
      const from = before === undefined ? when : Math.max(when, before.from);
      if (before !== undefined) before.to = from;
      periods.push({ severity, from, to: undefined });
    }
    return periods;
  }

  /** Times in which it was at least so severe, of those in which it was just that severe for a while. */
  private stretches(severity: string): readonly { from: number; to: number | undefined }[] {
    const rank = order.indexOf(severity);
    const found: { from: number; to: number | undefined; just: boolean }[] = [];
    let before = false;
    for (const period of this.periods) {
      const within = order.indexOf(period.severity) <= rank;
      if (within && !before) found.push({ from: period.from, to: undefined, just: false });
      const last = found.at(-1);
      if (last !== undefined && within) {
        last.to = period.to;
        last.just ||= period.severity === severity;
      }
      before = within;
    }
    return found.filter(({ just }) => just);
  }

  /** Since when the severity in force can be answered. */
  get since(): number {
    return this.stretches(this.severity).at(-1)?.from ?? -Infinity;
  }

  /** Everybody's last answer to it: who, and when. */
  get answers(): readonly string[] {
    const last = new Map<string, number>();
    for (const { data, when } of this.of("incident.answer"))
      if (when >= this.since) last.set(data.person ?? "", when);
    return [...last].map(([who, at]) => `${who} ${at}`).toSorted();
  }

  /** Who was paged for it and has not answered, and since when. */
  get silent(): readonly string[] {
    const answered = new Map(this.answers.map((one) => one.split(" ") as [string, string]));
    const silent = new Map<string, number>();
    for (const { data, when } of this.messages) {
      if (data.kind !== "page" || when < this.since) continue;
      const heard =
        data.person === undefined
          ? [...answered.values()].some((at) => Number(at) >= when)
          : answered.has(data.person);
      if (heard) continue;
      const { level = "", channel = "" } = data;
      const who = data.person ?? (/^P\d(\.\d+)?$/.test(level) ? channel : level);
      silent.set(who, Math.min(silent.get(who) ?? when, when));
    }
    return [...silent].map(([who, at]) => `${who} ${at}`).toSorted();
  }

  /** How many messages stand how. */
  get sent(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { data } of this.messages) {
      const how = this.outcome(data.key ?? "");
      counts[how] = (counts[how] ?? 0) + 1;
    }
    return counts;
  }

  outcome(key: string): string {
    let how = "queued";
    for (const { type, data } of this.lines) {
      if (data.key !== key) continue;
      if (type === "message.attempt") how = "under way";
      if (type !== "message.result" || isUnwanted(data.outcome)) continue;
      how = data.outcome === "refused" ? "queued" : (data.outcome ?? "");
      if (data.outcome === "refused" && data.code?.startsWith("secret: ")) how = "held";
    }
    const unwanted = this.unwanted(key);
    return unwanted !== undefined && ["queued", "held"].includes(how) ? unwanted : how;
  }

  /** The first thing that made a message unwanted. */
  unwanted(key: string): "superseded" | "withdrawn" | undefined {
    const message = this.messages.find(({ data }) => data.key === key);
    if (message === undefined) return undefined;
    const { kind, channel, person, level, clock } = message.data;
    const raised = (before: number): boolean =>
      kind === "page" &&
      clock === undefined &&
      this.lines.some(
        ({ type, data: { to = "", from = "" }, seq }) =>
          type === "incident.severity" && seq < before && to < from && level?.split(".")[0] === to,
      );
    for (const { seq, type, data } of this.lines) {
      if (seq <= message.seq) continue;
      if (type === "message.result" && data.key === key && isUnwanted(data.outcome)) return data.outcome;
      if (type === "message.queued" && data.kind === "update" && kind === "update")
        if (data.channel === channel && data.person === person && data.key !== key)
          if (this.messages.some((one) => one.seq === seq)) return "superseded";
      if (["incident.resolved", "incident.cancelled"].includes(type) && kind !== "notice" && !raised(seq))
        return "withdrawn";
      if (type === "incident.answer" && kind === "page" && clock !== undefined && data.person === person)
        return "withdrawn";
    }
    return undefined;
  }

  /** `NAME SEVERITY N: state` of every clock, and of every level of the escalation that was paged. */
  get clocks(): readonly Clock[] {
    return [
      ...this.policy.clocks.flatMap((clock) => order.flatMap((severity) => this.clock(clock, severity))),
      ...this.levels,
    ];
  }

  private clock(clock: ClockFields, severity: string): readonly Clock[] {
    const limit: number | undefined = clock.within[severity] ?? clock.every[severity];
    if (limit === undefined) return [];
    return this.stretches(severity).map(({ from: begun, to }, index) => {
      const inForce = to === undefined && severity === this.severity;
      const raisedAt = this.periods.findLast((period) => period.severity === severity)?.to;
      const over = least([to ?? (inForce ? Infinity : (raisedAt ?? Infinity)), this.end?.when ?? Infinity]);
      const own = { name: clock.name, severity, n: index + 1, current: inForce };
      const start = (event: string): number | undefined => (event === "declared" ? begun : this.event(event));
      if (clock.when !== undefined && valueOf(this.fact("classified")) !== clock.when)
        return { ...own, state: "off" };
      if (clock.within[severity] === undefined)
        return { ...own, ...this.repeated(clock, limit, start(clock.from), over ?? Infinity) };
      const dues = [
        { from: start(clock.from), within: limit },
        ...(clock.or === undefined ? [] : [{ from: start(clock.or.from), within: clock.or.within }]),
      ].flatMap(({ from, within }) => (from === undefined ? [] : [{ from, due: from + within }]));
      const first = dues.toSorted((a, b) => a.due - b.due)[0];
      if (first === undefined) return { ...own, state: "off" };
      const event = this.event(clock.until, begun);
      const happened =
        event === undefined || (to ?? (inForce ? Infinity : (raisedAt ?? Infinity))) < event
          ? undefined
          : event;
      return { ...own, ...first, ...this.verdict(first.from, first.due, happened, over ?? Infinity) };
    });
  }

  private verdict(
    from: number,
    due: number,
    event: number | undefined,
    over: number,
  ): Pick<Clock, "state" | "event"> {
    if (event !== undefined)
      return event <= due
        ? { state: `met ${Math.max(0, event - from)}`, event }
        : { state: `missed ${event - due}`, event };
    const seen = Math.min(this.now, over);
    if (seen > due) return { state: `missed ${seen - due}` };
    return { state: over <= this.now ? "ended" : `running ${due - this.now}` };
  }

  private repeated(
    clock: ClockFields,
    limit: number,
    from: number | undefined,
    over: number,
  ): Omit<Clock, "name" | "severity" | "n" | "current"> {
    if (from === undefined) return { state: "off" };
    const ends = clock.ends === undefined ? undefined : this.event(clock.ends);
    const end = Math.min(over, ends ?? Infinity);
    const seen = Math.min(this.now, end);
    const events = (clock.until === "update" ? this.updates : [this.event(clock.until) ?? Infinity]).filter(
      (at) => at > from && at <= seen,
    );
    const points = [from, ...events];
    let missed = 0;
    for (let at = 1; at < points.length; at += 1)
      if ((points[at] ?? 0) - (points[at - 1] ?? 0) > limit) missed += 1;
    const last = points.at(-1) ?? from;
    const due = last + limit;
    if (seen > due) {
      for (let passed = due; passed < seen; passed += limit) missed += 1;
      return { from: last, due, every: limit, missed, state: `missed ${seen - due}` };
    }
    if (end > this.now) return { from: last, due, every: limit, missed, state: `running ${due - this.now}` };
    return {
      from: last,
      due,
      every: limit,
      missed,
      state: events.length === 0 ? "ended" : `met ${seen - last}`,
    };
  }

  private get levels(): readonly Clock[] {
    const { escalation, teams } = this.policy;
    const since = this.periods.at(-1)?.from ?? -Infinity;
    const pages = this.messages.filter(({ data, when }) => data.kind === "page" && when >= since);
    const over = this.end?.when ?? Infinity;
    return Object.entries(escalation).flatMap(([level, { answer, to }]) => {
      if (answer === undefined) return [];
      const named = pages.find(({ data }) => data.level === level)?.when;
      const ways = to.flatMap((one) => {
        const [channel, whom] = one.split(":");
        return whom === undefined ? [one] : (teams[whom] ?? [whom]).map((person) => `${channel}:${person}`);
      });
      const all = ways.every((way) =>
        pages.some(
          ({ data }) => way === (data.person === undefined ? data.channel : `${data.channel}:${data.person}`),
        ),
      );
      const from = named ?? (ways.length > 0 && all ? since : undefined);
      if (from === undefined) return [];
      const due = from + answer;
      const name = `answer ${level}`;
      const n = this.stretches(this.severity).length;
      const verdict = this.verdict(from, due, this.event("answered", from), over);
      return [{ name, severity: this.severity, n, current: true, from, due, ...verdict }];
    });
  }
}

export interface Clock {
  readonly name: string;
  readonly severity: string;
  readonly n: number;
  readonly current: boolean;
  readonly from?: number;
  readonly due?: number;
  /** Of a repeated one. */
  readonly every?: number;
  readonly missed?: number;
  readonly event?: number;
  /** With its milliseconds, where it has some. */
  readonly state: string;
}

function withCorrections(lines: readonly Line[]): readonly Said[] {
  const corrections = lines.filter(({ type }) => type === "incident.correct");
  const stands = (one: Line): boolean =>
    !corrections.some(
      (other) =>
        other.seq > one.seq && other.data.record === one.ref && other.data.withdraw === true && stands(other),
    );
  return lines.map((line) => {
    const own = corrections.filter((one) => one.data.record === line.ref && stands(one));
    const field = (name: string): unknown => own.findLast(({ data }) => data.field === name)?.data.value;
    const stated = line.type === "incident.answer" ? line.data.provider?.at : instantIn(line.data.at);
    const takesIt = ["incident.fact", "incident.note", "incident.answer"].includes(line.type);
    const at = instantIn(field("at")) ?? (takesIt ? stated : undefined);
    return {
      ...line,
      when: at === undefined ? line.at : Date.parse(at),
      value: textIn(field("value")),
      gone: own.some(({ data }) => data.withdraw === true),
    };
  });
}

/** Of what is typed `at`: `{ at: "2026-11-30T09:42:00.000Z" }`. */
export function instantIn(when: unknown): string | undefined {
  return typeof when === "object" && when !== null && "at" in when ? textIn(when.at) : undefined;
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function severityIn({ data }: Line): string {
  return data.to ?? data.severity ?? "";
}

function isUnwanted(outcome: string | undefined): outcome is "superseded" | "withdrawn" {
  return outcome === "superseded" || outcome === "withdrawn";
}

function valueOf(said: Said | undefined): string | undefined {
  return said?.value ?? textIn(said?.data.value);
}

function whenOf({ when }: Said): number {
  return when;
}

function least(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}
