import type { HaltRecord } from "../../events/halt-record.ts";
import { written } from "../../events/written.ts";
import { printable } from "../../base/printable.ts";
import { Secret } from "../../secrets/secret.ts";
import { createRedactor, type Redactor } from "../../secrets/redactor.ts";
import { basic } from "../../drivers/http/basic.ts";
import { createClock } from "../../drivers/clock.ts";
import { createTrading } from "../../trading/api/trading.ts";
import { haltAndProve, type Halted, type HaltSent, type Told } from "../../trading/proof/halt-and-prove.ts";
import type { HaltEvent } from "../../trading/proof/halt-event.ts";
import { receiptOf, receiptText, type Receipt } from "../../trading/proof/receipt.ts";
import { haltLine } from "../../output/halt-line.ts";
import { haltText } from "../../output/halt-text.ts";
import { tellerFor } from "../context/telling.ts";
import { secretFile, secretNames } from "../context/secret-sources.ts";
import { knownSecrets } from "../wiring/secrets.ts";
import type { World } from "../context/world.ts";
import type { Disks } from "./disks.ts";
import type { HaltFlags } from "./flags.ts";
import { join } from "node:path";
import type { UnderWay } from "./under-way.ts";
import { otherDoors } from "./doors.ts";
import { containersOfHalt } from "./containers.ts";
import { witnessesOf } from "./witnesses.ts";

/** Waits for the answers, proves, and puts the receipt on record. @returns the exit code. */
export async function finishHalt(
  world: World,
  flags: HaltFlags,
  under: UnderWay,
  disks: Disks,
): Promise<number> {
  const { platform, record, since, begun, signal } = under;
  const redactor = createRedactor([...(await secretsHere(world, platform, disks)), under.request.token]);
  world.outlet.hide(redactor.known, (text) => redactor.text(text));
  const say = teller(world, flags, platform, redactor);
  const { token: _secret, key: _key, ...request } = under.request;
  const instances = under.answers.map(({ instance }) => instance.url);
  say({ type: "sent", halt: under.id, request, instances });
  const tell = (told: Told): void => {
    const kept = recordOf(told);
    const shown = { ...kept, data: redactor.value(kept.data) } as HaltRecord;
    record.put({ order: "record", record: shown, time: new Date().toISOString() });
    say(told);
  };
  const sent = await Promise.all(
    under.answers.map(async ({ instance, reply }): Promise<HaltSent> => {
      const answer = { instance, reply: await reply, ms: Math.round(performance.now() - begun) };
      tell({ type: "answer", sent: answer });
      return answer;
    }),
  );
  const [stores, containers, http] = await Promise.all([
    witnessesOf(world, flags, under),
    containersOfHalt(world, flags, under),
    otherDoors(world, platform, under.http),
  ]);
  const trading = createTrading({ ...platform.trading, containers, http }, stores);
  const ports = { trading, clock: createClock() };
  const halted = await haltAndProve(ports, { request: under.request, since, begun, sent, tell }, signal);
  const { token: _token, ...shown } = under.request;
  const interrupted = world.interruption.stop.aborted;
  const whole = receiptOf(shown, since, halted);
  const receipt = redactor.value(interrupted ? { ...whole, interrupted } : whole);
  const fault = await keep(under, receipt);
  const code = interrupted ? world.interruption.exitCode() : exitCodes[receipt.outcome];
  say({ type: "finished", receipt, exitCode: code, fault });
  advise(world, under, halted, interrupted, redactor);
  const kept = `receipt: ${join(record.folder, "receipt.txt")}`;
  if (fault === undefined) world.stderr.write(`${printable(redactor.text(kept))}\n`);
  return code;
}

/** Milliseconds of a disk that answers slowly. */
const recordWithin = 2000;

/** Files of secrets whose disk does not answer are left out: nothing here can show what was not read. */
async function secretsHere(
  world: World,
  { asked }: UnderWay["platform"],
  disks: Disks,
): Promise<readonly string[]> {
  const silent = await Promise.all(
    secretNames.map(async (name) => {
      const file = secretFile(world.env, name);
      return file === undefined || (await disks.answer(file, 0)) ? [] : [`${name}_FILE`];
    }),
  );
  const left = new Set(silent.flat());
  const env = Object.fromEntries(Object.entries(world.env).filter(([name]) => !left.has(name)));
  const named = asked.flatMap(({ login, proxy }) => [login, proxy?.login]);
  const logins = named.flatMap((login) => {
    const value = login === undefined ? undefined : env[login.password]?.trim();
    return login === undefined || value === undefined || value === "" ? [] : [{ user: login.user, value }];
  });
  const shown = logins.flatMap(({ user, value }) => [value, basic(user, new Secret(user, value)).slice(6)]);
  return [...knownSecrets({ env }, {}), ...shown];
}

const exitCodes = { PROVEN: 0, PARTIAL: 1, UNKNOWN: 4 } as const;

/** Hands the receipt over to be recorded. @returns why it is not. */
async function keep({ record }: UnderWay, receipt: Receipt): Promise<string | undefined> {
  const time = new Date().toISOString();
  record.put({ order: "receipt", receipt: written({ ...receipt }), text: receiptText(receipt), time });
  return await record.end(recordWithin);
}

/** What happened, as the journal has it. */
function recordOf(told: Told): HaltRecord {
  switch (told.type) {
    case "answer": {
      const { instance, reply, ms } = told.sent;
      const came = reply.ok
        ? { answered: true, ...written(reply.value) }
        : { answered: false, failure: { ...reply.failure } };
      return { type: "halt.answer", data: { ...written(instance), ms, ...came } };
    }
    case "doubt":
      return { type: "halt.doubt", data: { doubts: told.doubts } };
    case "closed": {
      const { venue, through, reply } = told.closed;
      const came = reply.ok
        ? { closed: true, ...written(reply.value) }
        : { closed: false, failure: { ...reply.failure } };
      return { type: "halt.closed", data: { venue, through, ...came } };
    }
  }
}

/** Progress is for stderr, the receipt for stdout; with `--json` all of it is lines on stdout. */
function teller(
  world: World,
  flags: HaltFlags,
  platform: UnderWay["platform"],
  redactor: Redactor,
): (event: HaltEvent) => void {
  const { stdout, stderr } = world;
  const text = (event: HaltEvent): void => {
    const result = event.type === "finished";
    if (flags.quiet === true && !result) return;
    const lines = haltText(event).map((line) => `${printable(redactor.text(line))}\n`);
    (result ? stdout : stderr).write(lines.join(""));
  };
  return tellerFor(world, flags, { text, line: (event) => redactor.value(haltLine(event)) }, platform);
}

/** What a person does next, where the tool can do no more. */
function advise(
  world: World,
  { platform }: UnderWay,
  halted: Halted,
  interrupted: boolean,
  redactor: Redactor,
): void {
  const { sent, proof } = halted;
  const { tokenHelp, phones } = platform.trading;
  const lines: string[] = [];
  const denied = sent.some(({ reply }) => !reply.ok && reply.failure.type === "denied");
  if (denied) lines.push(`the token was refused: ${tokenHelp}`);
  if (interrupted)
    lines.push(
      "interrupted: the halt was sent, but the proof is not finished; run lav-ir halt-all again to finish it",
    );
  else if (proof.outcome !== "PROVEN" && !denied) {
    lines.push(
      phones.length === 0
        ? "call the desk and the venues; the platform file has no phone list (trading.phones)"
        : "call, in this order:",
      ...phones.map((phone) => `  ${phone}`),
    );
  }
  for (const line of lines) world.stderr.write(`${printable(redactor.text(line))}\n`);
}
