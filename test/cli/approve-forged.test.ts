import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRequest, writeRequest, type ApprovalRequest } from "../../src/approval/request.ts";
import { forgeSigned, withData, type Record } from "./forge.ts";
import { approvers, person, save, type Person } from "./people.ts";
import { only, outcome, Rig, type Ended } from "./rig.ts";

/*
 * faults 0.9: an approval that stands in a journal was believed at resume without its signature. Whoever can
 * write the journal can make its sums fit; what they cannot make is the second person's signature.
 */

let rig: Rig;
let alice: Person;
let bob: Person;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook("book", book);
  rig.server.on("POST /act", 200).on("POST /gate", 409).on("POST /more", 200);
  [alice, bob] = [person(rig, "alice"), person(rig, "bob")];
  approvers(rig, [alice, bob]);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

/** One approval for both; between them something that ends the run until it is let through. */
const book = `
title: Act on the market
service: market
steps:
  - { id: act, approvers: 2, "http.post": "\${service.url}/act" }
  - { id: pause, wait: "\${params.wait}" }
  - { id: more, approvers: 2, approved_with: act, "http.post": "\${service.url}/more" }
params: { wait: { type: duration, default: 1h } }
`;

const posted = () => rig.server.changes().map(({ path }) => path);

/** Alice's run, which asks for a second person and ends. */
async function ask(...more: readonly string[]): Promise<{ readonly run: string; readonly path: string }> {
  const ended = await rig.run(["run", "book", "--yes", "--json", ...more], { env: alice.env });
  expect([ended.code, outcome(ended)]).toEqual([3, "approval-needed"]);
  const { run, path } = only(ended, "approval.requested");
  return { run: String(run), path: String(path) };
}

async function sign(path: string, who: Person, digest: string): Promise<string> {
  return (await rig.run(["approve", path, "--approve", digest], { env: who.env })).stdout;
}

async function resume(run: string, env = alice.env, ...more: readonly string[]): Promise<Ended> {
  return await rig.run(["resume", run, "--yes", "--json", ...more], { env });
}

/** Bob has signed, `act` has been carried out, and the run waits before `more`. */
async function between(): Promise<string> {
  const { run, path } = await ask();
  const file = save(rig, "approval.txt", await sign(path, bob, digestOf(path)));
  const started = rig.start(["resume", run, "--yes", "--json", "--approval", file], { env: alice.env });
  await rig.server.arrives("POST /act");
  while (!rig.records().some(({ type, data }) => type === "step.started" && data["step"] === "pause"))
    await new Promise((resolve) => setTimeout(resolve, 20));
  started.kill("SIGTERM");
  expect((await started.ended).code).toBe(143);
  rig.server.requests.length = 0;
  return run;
}

/** The newest request of the newest run. */
function asked(): Record["data"] {
  const found = rig.records().findLast(({ type }) => type === "approval.requested");
  if (found === undefined) throw new Error("nothing was asked for");
  return found.data;
}

function digestOf(path: string): string {
  expect(asked()["path"]).toBe(path);
  return String(asked()["digest"]);
}

function kept(records: readonly Pick<Record, "type" | "data">[]): Pick<Record, "data"> {
  const found = records.find(({ type }) => type === "run.kept");
  if (found === undefined) throw new Error("the run kept nothing");
  return found;
}

/** It goes on, whatever a forged record says, no further than a second person's signature reaches. */
function heldBack(ended: Ended, why?: string): void {
  const refused = ended.lines.filter((line) => line["decision"] === "refused");
  expect(refused.map((line) => line["message"])).toEqual(
    why === undefined ? [] : [expect.stringContaining(why)],
  );
  expect([ended.code, outcome(ended), posted()]).toEqual([3, "approval-needed", []]);
}

/** As though the operator had asked for a short pause. */
const beyondPause = (records: readonly Record[]): readonly Record[] => {
  return withData(records, "run.kept", (data) => ({ ...data, given: ["wait=10ms"] }));
};

describe("an approval that an earlier process was given", () => {
  test("is good for the step that goes with it, once its signature was verified again", async () => {
    const run = await between();
    forgeSigned(rig.journal(), beyondPause);
    const ended = await resume(run);
    expect([ended.code, posted()]).toEqual([0, ["/more"]]);
    const verified = await rig.run(["approve", "--verify", rig.journal()]);
    expect([verified.code, verified.stdout.trimEnd().split("\n").length]).toEqual([0, 2]);
  });

  test("is none where only a record says so, whatever its sums", async () => {
    const { run } = await ask("--param", "wait=10ms");
    forgeSigned(rig.journal(), (records) => {
      const asked = records.find(({ type }) => type === "approval.requested");
      if (asked === undefined) throw new Error("nothing was asked for");
      const { request, digest, step, section } = asked.data;
      const granted = { decision: "granted", how: "second-person", approver: "bob" };
      const place = { run, step, section, request, digest, fingerprint: bob.fingerprint };
      const forged = { ...asked, type: "approval", data: { ...place, ...granted } };
      const own = { run, step, section, key: "steps//act" };
      const intent = { ...own, action: "act", args: {}, digest, idempotency_key: "i" };
      return [
        ...records,
        forged,
        { ...asked, type: "step.intent", data: intent },
        { ...asked, type: "step.outcome", data: { ...own, status: "ok", outputs: {} } },
      ];
    });
    // The step before counts as done, so nothing but the forged approval lets the next one through.
    heldBack(await resume(run));
  });

  test("is none when its request was changed: what it covers is signed", async () => {
    const run = await between();
    forgeSigned(rig.journal(), (records) =>
      withData(beyondPause(records), "approval.requested", (data) => ({
        ...data,
        asked: { ...(data["asked"] as object), expires: new Date(Date.now() + 86_400_000).toISOString() },
      })),
    );
    heldBack(await resume(run), "it was changed, or is not theirs");
  });

  test("is none in another run: the request that was signed names its own", async () => {
    await between();
    const records: Record[] = [];
    forgeSigned(rig.journal(), (all) => {
      records.push(...all.filter(({ type }) => type.startsWith("approval") || type.startsWith("step.")));
      return all;
    });
    const { run } = await ask("--param", "wait=10ms");
    forgeSigned(rig.journal(), (all) => [
      ...all,
      ...records.map((one) => ({ ...one, data: { ...one.data, run } })),
    ]);
    heldBack(await resume(run));
  });

  test("is none once the approver was taken from the list, whatever the record says of the list", async () => {
    const run = await between();
    const path = rig.journal();
    approvers(rig, [alice, person(rig, "carol")]);
    expect((await resume(run)).stderr).toContain("has changed since");
    await ask();
    const { data } = kept(rig.records());
    forgeSigned(path, (records) =>
      withData(beyondPause(records), "run.kept", (own) => ({ ...own, platform: data["platform"] })),
    );
    heldBack(await resume(run), "bob is not an approver in the platform file");
  });

  test("is none when the second person goes on with the run themself", async () => {
    const run = await between();
    forgeSigned(rig.journal(), beyondPause);
    heldBack(await resume(run, bob.env), "same person twice");
  });

  test("is none when what it stands in is no approval at all", async () => {
    const run = await between();
    for (const nothing of [null, "text", 7, [], {}, { covers: "more" }, { covers: [7] }]) {
      forgeSigned(rig.journal(), (records) =>
        withData(beyondPause(records), "approval.requested", (data) => ({ ...data, asked: nothing })),
      );
      const ended = await resume(run);
      expect([JSON.stringify(nothing), ended.code, ended.stderr]).toEqual([
        JSON.stringify(nothing),
        3,
        expect.any(String),
      ]);
      expect(ended.stderr).not.toContain("internal");
      expect(posted()).toEqual([]);
    }
  });
});

describe("approve --verify of a journal with sums that fit", () => {
  const verify = async () => {
    const ended = await rig.run(["approve", "--verify", rig.journal()]);
    return [
      ended.code,
      ended.stdout
        .trimEnd()
        .split("\n")
        .filter((line) => line.includes("NOT VALID")),
    ];
  };

  test("finds a covered step that did something else, and an approval of another run", async () => {
    const run = await between();
    forgeSigned(rig.journal(), beyondPause);
    expect((await resume(run)).code).toBe(0);
    expect(await verify()).toEqual([0, []]);
    forgeSigned(rig.journal(), (records) =>
      withData(records, "preview", (data) =>
        data["step"] === "more" ? { ...data, action: "http.post: POST http://elsewhere/" } : data,
      ),
    );
    expect(await verify()).toEqual([1, [expect.stringContaining("does not cover more, or not what it did")]]);
    forgeSigned(rig.journal(), (records) =>
      records.map((one) => ({ ...one, data: { ...one.data, run: "RUN-20260101-000000-0000" } })),
    );
    const [code, lines] = await verify();
    expect([code, lines]).toEqual([
      1,
      [
        expect.stringContaining(`was requested by another run, ${run}`),
        expect.stringContaining("another run"),
      ],
    ]);
  });
});

describe("a request that an earlier process left open", () => {
  const reworded = (change: (asked: ApprovalRequest) => ApprovalRequest) => (records: readonly Record[]) =>
    withData(records, "approval.requested", (data) => {
      const asked = change(data["asked"] as ApprovalRequest);
      return { ...data, asked, text: writeRequest(asked) };
    });

  test("is asked for anew when it says something else than what would be done", async () => {
    const { run } = await ask("--param", "wait=10ms");
    const changes: readonly ((asked: ApprovalRequest) => ApprovalRequest)[] = [
      (asked) => ({ ...asked, action: "look at the market" }),
      (asked) => ({ ...asked, preview: ["nothing of note"] }),
      (asked) => ({ ...asked, platform: "a test bench" }),
      (asked) => ({ ...asked, covers: [...asked.covers, "other: delete all of it"] }),
      (asked) => ({ ...asked, expires: new Date(Date.parse(asked.expires) + 86_400_000).toISOString() }),
    ];
    for (const change of changes) {
      let before = "";
      forgeSigned(rig.journal(), (records) => {
        const forged = reworded(change)(records);
        before = String(forged.findLast(({ type }) => type === "approval.requested")?.data["request"]);
        return forged;
      });
      const ended = await resume(run);
      const { request, text } = only(ended, "approval.requested");
      expect([ended.code, request === before]).toEqual([3, false]);
      const read = readRequest(String(text));
      expect(read.ok && read.value.action).toContain("POST");
    }
    expect(posted()).toEqual([]);
  });

  test("cannot be signed by who asks, under another's name", async () => {
    const { run, path } = await ask("--param", "wait=10ms");
    const digest = digestOf(path);
    const nobody = { signer: undefined, signerKey: undefined, signature: undefined };
    const carol = reworded((asked) => ({ ...asked, ...nobody, requester: "carol", keys: [] }));
    forgeSigned(rig.journal(), carol);
    const forged = save(rig, "forged.txt", String(asked()["text"]));
    const line = await sign(forged, alice, digest);
    expect(line).toContain("lav-ir-approval.1.");
    heldBack(
      await resume(run, alice.env, "--approval", save(rig, "approval.txt", line)),
      "same person twice",
    );
  });
});
