import { expect, test } from "vitest";
import type { HaltWorld } from "../cli/halt-world.ts";
import { step } from "../cli/rig.ts";
import { Night } from "./night.ts";

// Manual trading, a breach and the loss of everything: people do most of it, and what they answer is on record.

/** Every service answers at one address, and the book holds nothing, as the venue does. */
function whole(
  { venue, instances }: HaltWorld,
  { services, trading }: Readonly<Record<string, object>>,
): object {
  venue.on("GET /health", { json: {} }).on("GET /api/positions", { json: [] });
  venue.on("GET /venues/ATLAS/positions", { json: { positions: [] } });
  for (const { server } of instances) server.on("GET /health", { json: {} });
  const { url } = venue;
  return {
    services: { ...services, gateway: { url }, "market-sentinel": { url }, "risk-warden": { url } },
    trading: { ...trading, book: url },
  };
}

/** Nothing of it answers any more. */
async function lost({ venue, instances }: HaltWorld): Promise<void> {
  for (const { server } of instances) await server[Symbol.asyncDispose]();
  await venue[Symbol.asyncDispose]();
}

/** The question whether to do it, below a preview that has these words. */
const consentTo = (words: string): RegExp => new RegExp(`${words}[^?]*\\? Do it\\? \\(y/N\\)`);

const notes = (night: Night): readonly unknown[] =>
  night.lines().flatMap(({ type, data }) => (type === "incident.note" ? [data["text"]] : []));

test("manual-trading begins behind a proof, asks for its four procedures, and ends with positions that agree", async () => {
  await using night = await Night.begin(whole);
  await night.types("declare", "P0", "all is down", "-q");
  await night.types("halt-all", "--reason", "all is down", "--yes");
  const { code, text } = await night.answers(
    ["manual-trading"],
    [
      [
        /not the same: none\s+not known: none\s+\? Who monitors positions, and where\?/,
        "rosa, by the broker's report",
      ],
      ["Are both people at the terminal?", "y"],
      ["Does risk management have the sheet?", "y"],
      ["Is the line open?", "y"],
      ["is every manual order entered", "y"],
    ],
  );
  expect([code, text]).toEqual([0, expect.stringContaining("every step completed")]);
  expect(notes(night)).toEqual([
    "Manual trading begins; proof that the platform is halted: PROVEN",
    "Positions are monitored by rosa, by the broker's report",
    "Manual trading has ended",
  ]);
});

test("manual-trading asks before anybody trades beside a platform that is not proven halted", async () => {
  await using night = await Night.begin(whole);
  await night.types("declare", "P0", "all is down", "-q");
  const ended = await night.types("run", "manual-trading", "--json");
  expect([ended.code, step(ended, "not_proven")["outcome"]]).toEqual([3, "failed"]);
  expect(step(ended, "proof")["outputs"]).toMatchObject({ verdict: "PARTIAL" });
  expect(notes(night)).toEqual([]);
});

test("security-breach isolates and seals a snapshot before it asks for anything else, and pages by private channels", async () => {
  await using night = await Night.begin(whole);
  await night.types("declare", "P0", "somebody got in", "--security", "-q");
  const before = night.queued().length;
  const { code, text } = await night.answers(
    ["security-breach"],
    [
      [consentTo("halts ALL trading"), "y"],
      ["Which are disconnected?", "gateway"],
      ["Are they taken, or under way?", "y"],
      [consentTo("page security"), "y"],
      ["how did they get in, and since when?", "a stolen key, since noon"],
      ["Which data was read", "not known"],
      ["Are they still in", "no session is open"],
      ["Brief the executive team by", "y"],
      ["Is the plan carried out?", "y"],
      ["must an authority or a data subject", ""],
      ["Is it sent?", "y"],
      ["Which additional controls are in place?", "keys on hardware"],
    ],
  );
  expect([code, text]).toEqual([0, expect.stringContaining("every step completed")]);
  expect(notes(night)).toEqual([
    "Isolated: gateway",
    expect.stringMatching(/^page security/),
    "Compromised data: not known",
    "Ongoing threats: no session is open",
    "Notification of authorities: required",
    "Additional controls: keys on hardware",
  ]);
  const types = night
    .lines()
    .map(({ type, data }) => `${type} ${String(type === "incident.fact" ? data["name"] : data["step"])}`);
  const order = [
    "step.outcome halt",
    "step.finished isolate",
    "step.finished forensics",
    "incident.fact assessed",
  ];
  expect(order.map((one) => types.indexOf(one))).toEqual(
    order.map((one) => types.indexOf(one)).toSorted((a, b) => a - b),
  );
  expect(types).toEqual(expect.arrayContaining([...order, "incident.fact reported-initial"]));
  const sent = night.queued().slice(before);
  expect(sent.map(({ channel, person }) => [channel, person])).toEqual([["sms", "ines"]]);
  expect(JSON.stringify(sent)).not.toContain("got in");
  expect(night.clocks()).toMatchObject({ halted: "met", evidence: "met", executives: "met" });
});

test("security-breach of an incident that is broadcast says so first, and sends nothing", async () => {
  await using night = await Night.begin(whole);
  await night.types("declare", "P0", "see the bridge", "-q");
  const before = night.queued().length;
  const { code, text } = await night.answers(
    ["security-breach"],
    [
      ["messages are left to the telephone", "y"],
      [consentTo("halts ALL trading"), "y"],
      ["Which are disconnected?", "gateway"],
      ["Are they taken, or under way?", "y"],
      ["Telephone the security team", "n"],
    ],
  );
  expect([code, text]).toEqual([3, expect.stringContaining("private channels only: no")]);
  expect(night.queued()).toHaveLength(before);
  expect(night.world.asked()).toBe(2);
});

test("complete-system-failure with nothing that answers: people halt, what is lost is named, nothing is called recovered", async () => {
  await using night = await Night.begin(whole);
  await night.types("declare", "P0", "all is down", "-q");
  await lost(night.world);
  const { code, text } = await night.answers(
    ["complete-system-failure", "--param", "impact=all is down"],
    [
      [consentTo("halts ALL trading"), "y"],
      ["Have the venues stop by telephone", "y"],
      ["lav-ir run manual-trading", "y"],
      ["Which counterparties know?", "all three"],
      ["How far are they?", ""],
      ["What is lost, what still runs, and since when?", "the whole site, since 09:40"],
      ["Which workarounds are in place?", "none"],
      [consentTo("update to stakeholders"), "y"],
      ["Are its machines and networks up?", "y"],
      ["Is everything restored?", "y"],
    ],
  );
  expect(code).toBe(1);
  expect(text).toMatch(/failed after \S+: The\s+database\s+answers/);
  expect(notes(night)).toEqual([
    "Counterparties notified: all three",
    "Backup systems: running",
    "Workarounds: none",
    expect.stringMatching(/^update to stakeholders/),
  ]);
  await night.accepted();
  expect(night.clocks()).toMatchObject({ halted: "running", stakeholders: "met", rto: "running" });
});
