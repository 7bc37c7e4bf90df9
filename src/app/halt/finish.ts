import type { HaltRecord } from "../../events/halt-record.ts";
import { written } from "../../events/written.ts";
import { failureText } from "../../base/failure.ts";
import { printable } from "../../base/printable.ts";
import { createRedactor, type Redactor } from "../../secrets/redactor.ts";
import { createClock } from "../../drivers/clock.ts";
import { createTrading } from "../../trading/api/trading.ts";
import { haltAndProve, type Halted, type HaltSent, type Told } from "../../trading/proof/halt-and-prove.ts";
import { instanceName } from "../../trading/proof/look.ts";
import { receiptOf, receiptText, type Receipt } from "../../trading/proof/receipt.ts";
import { ndjsonHeader, ndjsonRow } from "../../output/ndjson.ts";
import { secretFile, secretNames } from "../context/secret-sources.ts";
import { knownSecrets } from "../wiring/secrets.ts";
import type { World } from "../context/world.ts";
import type { Disks } from "./disks.ts";
import type { HaltFlags } from "./flags.ts";
import { join } from "node:path";
import type { UnderWay } from "./under-way.ts";
import { witnessesOf } from "./witnesses.ts";

/** Waits for the answers, proves, and puts the receipt on record. @returns the exit code. */
export async function finishHalt(
  world: World,
  flags: HaltFlags,
  under: UnderWay,
  disks: Disks,
): Promise<number> {
  const { platform, request, record, since, begun, signal } = under;
  const redactor = createRedactor([...(await secretsHere(world, disks)), request.token]);
  world.outlet.hide(redactor.known);
  const say = teller(world, flags, redactor);
  say.begins(under);
  const tell = (told: Told): void => {
    const kept = recordOf(told);
    const shown = { ...kept, data: redactor.value(kept.data) } as HaltRecord;
    record.put({ order: "record", record: shown, time: new Date().toISOString() });
    say.told(told);
  };
  const sent = await Promise.all(
    under.answers.map(async ({ instance, reply }): Promise<HaltSent> => {
      const answer = { instance, reply: await reply, ms: Math.round(performance.now() - begun) };
      tell({ type: "answer", sent: answer });
      return answer;
    }),
  );
  const stores = await witnessesOf(world, flags, under);
  const ports = { trading: createTrading(platform.trading, stores), clock: createClock() };
  const halted = await haltAndProve(ports, { request, since, begun, sent, tell }, signal);
  const { token: _secret, ...shown } = request;
  const interrupted = world.interruption.stop.aborted;
  const whole = receiptOf(shown, since, halted);
  const receipt = redactor.value(interrupted ? { ...whole, interrupted } : whole);
  const fault = await keep(under, receipt);
  const code = interrupted ? world.interruption.exitCode() : exitCodes[receipt.outcome];
  say.ends(receipt, code, fault);
  advise(world, under, halted, interrupted, redactor);
  if (fault === undefined) say.kept(join(record.folder, "receipt.txt"));
  return code;
}

/** Milliseconds of a disk that answers slowly. */
const recordWithin = 2000;

/** Files of secrets whose disk does not answer are left out: nothing here can show what was not read. */
async function secretsHere(world: World, disks: Disks): Promise<readonly string[]> {
  const silent = await Promise.all(
    secretNames.map(async (name) => {
      const file = secretFile(world.env, name);
      return file === undefined || (await disks.answer(file, 0)) ? [] : [`${name}_FILE`];
    }),
  );
  const left = new Set(silent.flat());
  const env = Object.fromEntries(Object.entries(world.env).filter(([name]) => !left.has(name)));
  return knownSecrets({ env }, {});
}

const exitCodes = { PROVEN: 0, PARTIAL: 1, UNKNOWN: 4 } as const;

/** Hands the receipt over to be recorded. @returns why it is not. */
async function keep({ record }: UnderWay, receipt: Receipt): Promise<string | undefined> {
  const time = new Date().toISOString();
  record.put({ order: "receipt", receipt: written({ ...receipt }), text: receiptText(receipt), time });
  return await record.end(recordWithin);
}

/** What happened, as the journal has it and as `--json` shows it. */
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

/** What the operator sees while it goes: lines on stderr, or with `--json` a row each on stdout. */
function teller(world: World, flags: HaltFlags, redactor: Redactor) {
  const { stdout, stderr, version } = world;
  const json = flags.json === true;
  const row = (type: string, data: object): void => void stdout.write(ndjsonRow(type, redactor.value(data)));
  const line = (text: string): void => {
    if (!json && flags.quiet !== true) stderr.write(`${printable(redactor.text(text))}\n`);
  };
  return {
    begins({ id, platform, request, answers }: UnderWay): void {
      const { token: _secret, key: _key, ...shown } = request;
      if (json) stdout.write(ndjsonHeader(version, platform));
      if (json)
        row("halt.sent", { halt: id, ...shown, instances: answers.map(({ instance }) => instance.url) });
      line(`halt sent to ${answers.length === 1 ? "1 instance" : `${answers.length} instances`} (${id})`);
    },
    told(told: Told): void {
      const { type, data } = recordOf(told);
      if (json) row(type, data);
      else for (const text of linesOf(told)) line(text);
    },
    ends(receipt: Receipt, code: number, fault: string | undefined): void {
      const lost = fault === undefined ? {} : { not_recorded: fault };
      if (json) row("halt.finished", { ...receipt, ...lost, exit_code: code });
      const line = fault === undefined ? "" : `NOT RECORDED: ${fault}; keep what stands here\n`;
      if (!json) stdout.write(printableLines(`${receiptText(receipt)}${line}`));
    },
    kept: (path: string): void => void stderr.write(`${printable(redactor.text(`receipt: ${path}`))}\n`),
  };
}

function linesOf(told: Told): readonly string[] {
  switch (told.type) {
    case "answer": {
      const { instance, reply, ms } = told.sent;
      if (!reply.ok) return [`  ${instanceName(instance)}: ${failureText(reply.failure)}`];
      return [
        `  ${instanceName(instance)}: ${reply.value.repeated ? "halted already" : "halted"}, after ${ms} ms`,
      ];
    }
    case "doubt":
      return [
        ...told.doubts.map((doubt) => `  not enough: ${doubt}`),
        ...(told.closing ? ["closing the venues"] : []),
      ];
    case "closed": {
      const { venue, through, reply } = told.closed;
      const how = through === "instance" ? "through an instance" : "itself";
      return [`  ${venue}: ${reply.ok ? `told ${how} to take no orders` : failureText(reply.failure)}`];
    }
  }
}

function printableLines(text: string): string {
  return text
    .split("\n")
    .map((line) => printable(line))
    .join("\n");
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
      "interrupted: the halt was sent, and the proof is not finished; lav-ir halt-all again finishes it",
    );
  else if (proof.outcome !== "PROVEN" && !denied) {
    lines.push(
      phones.length === 0
        ? "call the desk and the venues: the platform file has no phone list (trading.phones)"
        : "call, in this order:",
      ...phones.map((phone) => `  ${phone}`),
    );
  }
  for (const line of lines) world.stderr.write(`${printable(redactor.text(line))}\n`);
}
