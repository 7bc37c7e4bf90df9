import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createRedactor } from "../../src/secrets/redactor.ts";
import { fail, ok } from "../../src/base/result.ts";
import { createClock } from "../../src/drivers/clock.ts";
import type { Answer, Clock, Evidence, Ports, Prompt } from "../../src/ports/ports.ts";
import type { Interlocks } from "../../src/ports/trading.ts";
import { interlockNames } from "../../src/trading/interlocks.ts";
import type { Kind } from "../../src/kinds/kind.ts";
import { fixedNames, paramValue } from "../../src/plan/names.ts";
import { makePlan, type Plan } from "../../src/plan/plan.ts";
import { incidentPlanOf } from "../../src/platform/incident-plan.ts";
import type { Platform } from "../../src/platform/platform.ts";
import { loadSource } from "../../src/runbook/load.ts";
import type { RunEvent } from "../../src/events/run.ts";
import { noPast, pastOf, type Past, type PastRecord } from "../../src/run/resume-state.ts";
import { run, type RunEnd } from "../../src/run/run.ts";
import type { Consent, Session } from "../../src/run/session.ts";
import type { View } from "../../src/run/task-view.ts";
import { tradingPlatform, where } from "../kinds/context.ts";

const platform: Platform = {
  name: "bench",
  environment: undefined,
  production: false,
  path: "platform.yaml",
  postgres: { main: { url: "postgres://localhost/x" } },
  kafka: { main: { brokers: ["localhost:9092"] } },
  redis: { main: { url: "redis://localhost" }, replica: { url: "redis://replica" } },
  docker: { host: "unix:///none" },
  compose: { project: "x", files: [], program: ["docker", "compose"] },
  services: {
    web: {
      name: "web",
      url: "http://127.0.0.1:1",
      instances: [],
      runs: { by: "compose", service: "web" },
      health: "/health",
      api: true,
    },
  },
  objectives: { response: { P0: 1, P1: 2, P2: 3, P3: 4 } },
  trading: tradingPlatform,
  approvers: [],
  incident: incidentPlanOf({}, {}),
  evidence: { tables: {}, rows: 1, bytes: 1024, streams: [] },
};

export interface EngineOptions {
  readonly evidence?: Evidence;
  readonly consent?: Partial<Consent>;
  /** What the person answers to each question, in order; without them nobody is there. */
  readonly answers?: readonly (boolean | string | undefined)[];
  readonly past?: Past;
  readonly interlocks?: Interlocks;
  /** What the kinds reach for, besides the clock and the prompt. */
  readonly ports?: Partial<Ports>;
  /** Values of parameters, durations in milliseconds; the others have their defaults. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Without one it is the machine's. */
  readonly clock?: Clock;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Texts of runbooks to include, by name. */
  readonly includes?: Readonly<Record<string, string>>;
  /** The first record, counted from 1, that can no longer be written. */
  readonly fullAt?: number;
  /** Told of each record, and whether its writer waits until it, and all before it, is on the disk. */
  readonly wrote?: (type: string, durable: boolean) => void;
  /** Given the text of each file that is put beside the journal. */
  readonly attach?: (text: string) => void;
}

export interface Engine {
  readonly end: RunEnd;
  readonly events: readonly RunEvent[];
  /** As a journal gives them back. */
  readonly records: readonly PastRecord[];
  readonly questions: readonly string[];
}

/** Runs a runbook over kinds of the test's own, in this process, with a journal in memory. */
export async function engine(
  text: string,
  kinds: readonly Kind[],
  options: EngineOptions = {},
): Promise<Engine> {
  const events: RunEvent[] = [];
  const records: PastRecord[] = [];
  const questions: string[] = [];
  const prompt = scripted(options.answers, questions);
  const session: Session = {
    run: "RUN-1",
    plan: await planOf(text, kinds, options.params, options.includes),
    ports: {
      ...options.ports,
      clock: options.clock ?? createClock(),
      prompt,
      evidence: options.evidence,
      interlocks: options.interlocks ?? options.ports?.interlocks,
    } as unknown as Ports,
    journal: {
      append: async ({ type, data }, { sync = false } = {}) => {
        if (records.length + 1 === options.fullAt) throw new Error("no room");
        options.wrote?.(type, sync);
        records.push(JSON.parse(JSON.stringify({ type, time: new Date(), data }, exact)) as PastRecord);
        await Promise.resolve();
      },
      attach: async (name, text) => {
        options.attach?.(text);
        return await Promise.resolve(name);
      },
    },
    resume: "lav-ir resume RUN-1",
    operator: "ada",
    incident: undefined,
    atWork: [],
    rehearsal: false,
    resumed: options.past !== undefined,
    journalPath: "journal.ndjson",
    redactor: createRedactor([]),
    consent: { yes: false, approve: [], ...options.consent },
    secrets: options.secrets ?? {},
    past: options.past ?? noPast,
    kill: new AbortController().signal,
    stop: new AbortController().signal,
    sink: (event) => events.push(event),
  };
  const view: View = { renderer: "silent", rendererOptions: {}, promptIn: () => prompt };
  const end = await run(session, view, () => 130);
  return { end, events, records, questions };
}

/** What a resumed run knows of an earlier one. */
export function pastFrom({ records }: Engine): Past {
  return pastOf(records);
}

export async function planOf(
  text: string,
  kinds: readonly Kind[],
  params: Readonly<Record<string, unknown>> = {},
  includes: Readonly<Record<string, string>> = {},
): Promise<Plan> {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const locate = async (name: string) => {
    const own = includes[name];
    if (own === undefined) return await Promise.resolve(fail("there is none"));
    const folder = mkdtempSync(join(tmpdir(), "lav-ir-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, own);
    return ok(path);
  };
  const loaded = await loadSource(
    { path: "book.yaml", text: `runbook: book\n${text}` },
    { kinds: byName, interlocks: interlockNames, locate },
  );
  if (!loaded.ok) throw new Error(messages(loaded.failure));
  const runbook = loaded.value;
  const values = runbook.params.map((param): [string, unknown] => [
    param.name,
    paramValue(param, params[param.name] ?? param.default),
  ]);
  const names = fixedNames(runbook, platform, Object.fromEntries(values));
  const plan = makePlan({ runbook, platform, params, names, where });
  if (!plan.ok) throw new Error(messages(plan.failure));
  return plan.value;
}

function messages(failure: unknown): string {
  return JSON.stringify(failure, ["diagnostics", "message"]);
}

function exact(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

function scripted(answers: EngineOptions["answers"], questions: string[]): Prompt {
  let next = 0;
  const answer = async <T>(question: string): Promise<Answer<T>> => {
    questions.push(question);
    const given = answers?.[next++];
    return await Promise.resolve(
      given === undefined
        ? { answered: false, why: "cancelled" }
        : { answered: true, value: given as unknown as T },
    );
  };
  // Where a word is asked for, a yes or a no is typed as one.
  const text = async (question: string): Promise<Answer<string>> => {
    const said = await answer<boolean | string>(question);
    if (!said.answered || typeof said.value === "string") return said as Answer<string>;
    return { answered: true, value: said.value ? "y" : "n" };
  };
  return { available: answers !== undefined, confirm: answer, text, paste: answer, choose: answer };
}
