import { describe, expect, test } from "vitest";
import type { Failure } from "../../src/base/failure.ts";
import { kinds } from "../../src/app/wiring/all-kinds.ts";
import type { Kind } from "../../src/kinds/kind.ts";
import { allAnswer } from "./all-answer.ts";
import { sampleOf } from "./samples.ts";
import { engine } from "../run/engine.ts";

// faults 0.5: the engine's silence counts as the service's. One rule for every read there is, and for every
// one that will be: what cannot be used has measured nothing, and only the target's own silence is a failure.

const target = "x";
const silent: readonly Failure[] = [
  { type: "unreachable", target, cause: "refused", message: "connection refused" },
  { type: "unreachable", target, cause: "absent", message: "there is no such socket" },
  { type: "unreachable", target, cause: "closed", message: "it closed the connection" },
  { type: "unreachable", target, cause: "reset", message: "it reset the connection" },
  { type: "unreachable", target, cause: "dns", message: "the name does not resolve" },
  { type: "timeout", target, after: 5000, doing: "waiting for the reply" },
];
const unusable: readonly Failure[] = [
  { type: "denied", target, message: "wrong password" },
  { type: "unreadable", target, message: "this is not the protocol" },
  { type: "rejected", target, code: "500", message: "internal error" },
  { type: "overflow", target, limit: 1024, message: "more came than may be kept" },
  { type: "exit", target, code: 125, signal: null, stderr: "cannot connect" },
  { type: "argument", target, message: "only unix:// and tcp:// addresses can be used" },
];

/** Availability is the question: the one that is asked is the one that is asked about. */
const isTarget = ({ name }: Kind): boolean => /^http\.|\.ping$|^tcp\.connect$|^tls\.certificate$/.test(name);

/** Those that expect something by themselves: every other step is ok by its author's expectation alone. */
const expectsItself = ({ name }: Kind): boolean =>
  /\.ping$|^(?:dns\.lookup|tcp\.connect|tls\.certificate)$/.test(name);

/** Some gather what many say: one's silence is one of their outputs, for the expectation to judge. */
const gathers = ({ outputs }: Kind): boolean => "not_known" in outputs;

/** Those that ask the world something: a pause and a person are no instruments. */
const reads = kinds.filter(({ name, effect, asks }) => effect === "read" && name !== "wait" && asks !== true);

async function findingOf(kind: Kind, failure: Failure, more = ""): Promise<unknown> {
  const sample = JSON.stringify(sampleOf(kind.name))
    .replaceAll('"gateway"', '"web"')
    .replaceAll('"2s"', '"100ms"');
  const text = `secrets: [CANARY]\ndiagnose: [{ id: it, "${kind.name}": ${sample}${more} }]\n`;
  const options = { ports: allAnswer(failure), secrets: { CANARY: "c4n4ry-s3cr3t" } };
  const { events } = await engine(text, [kind], options);
  return events.find((event) => event.type === "finding")?.status;
}

describe.each(reads.map((kind) => [kind.name, kind] as const))("%s", (_, kind) => {
  test.each(silent.map((failure) => ["cause" in failure ? failure.cause : failure.type, failure] as const))(
    "silence (%s) is failed where its target is asked, unknown where an instrument is",
    async (_cause, failure) => {
      const finding = await findingOf(kind, failure);
      if (gathers(kind)) expect(finding).not.toBe("failed");
      else expect(finding).toBe(isTarget(kind) ? "failed" : "unknown");
    },
  );

  test.each(unusable.map((failure) => [failure.type, failure] as const))(
    "an instrument that cannot be used (%s) is unknown",
    async (_type, failure) => {
      const finding = await findingOf(kind, failure);
      if (gathers(kind)) expect(finding).not.toBe("failed");
      else expect(finding).toBe("unknown");
    },
  );

  test("what its instrument knows nothing of is absent: the kind says what that means", async () => {
    const missing: Failure = { type: "missing", target, message: "there is none" };
    if (gathers(kind)) return;
    expect(await findingOf(kind, missing)).toBe(kind.absent ?? kind.unreachable);
  });

  test("says so itself, as its own silence and the step's word for it", async () => {
    const why = "only those of isTarget, above, ask about what they ask";
    expect(kind.unreachable, why).toBe(isTarget(kind) ? "failed" : "unknown");
    expect(kind.expects !== undefined, "expectsItself, above, lists them").toBe(expectsItself(kind));
    const [refused] = silent;
    if (refused === undefined || gathers(kind)) return;
    for (const word of ["failed", "unknown"]) {
      expect(await findingOf(kind, refused, `, unreachable: ${word}`)).toBe(word);
    }
  });
});
