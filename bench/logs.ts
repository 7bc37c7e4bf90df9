import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Numbers that look random and are the same in every run. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const words =
  "order fill regime position risk venue latency offset partition leader timeout retry reconnect heartbeat snapshot ledger margin exposure hedge cancel".split(
    " ",
  );

/** A line of one of the programs of a platform, each in its own way; one in three hundred holds a secret. */
function line(at: number, random: () => number): string {
  const time = new Date(1_760_000_000_000 + at * 13).toISOString();
  const word = (): string => words[Math.floor(random() * words.length)] ?? "";
  const number = (below: number): number => Math.floor(random() * below);
  const id = createHash("md5").update(String(random())).digest("hex");
  const secret = number(300) === 0 ? ` password=${id.slice(0, 16)}` : "";
  switch (number(6)) {
    case 0:
      return `{"time":"${time}","level":"info","service":"executioner","msg":"${word()} ${word()}","order":"${id}","price":${number(9_000_000) / 100},"took_ms":${number(900)}}${secret}`;
    case 1:
      return `${time} INFO  [${word()}-${number(16)}] ${word()}.${word()} ${word()} done in ${number(5000)} us, id=${id}${secret}`;
    case 2:
      return `${time.replace("T", " ").replace("Z", " UTC")} [${number(32_000)}] LOG:  duration: ${number(90_000) / 1000} ms  statement: SELECT * FROM ${word()}s WHERE id = '${id}' AND ${word()} > ${number(10_000)}${secret}`;
    case 3:
      return `10.0.${number(256)}.${number(256)} - - [${time}] "GET /api/${word()}/${id} HTTP/1.1" ${200 + number(3) * 100} ${number(90_000)} "-" "lav/${number(9)}.${number(9)}"${secret}`;
    case 4:
      return `[${time}] WARN ${word()} (${word()}): member consumer-${number(40)}-${id} of group ${word()} has failed, token ${number(900)} of ${word()} partition ${number(64)}${secret}`;
    default:
      return `    at ${word()}.${word()} (/app/src/${word()}/${word()}.ts:${number(400)}:${number(80)})`;
  }
}

/** Megabytes of lines, then the same again, without holding more of them than these. */
export function* endlessLogs(): Generator<Buffer> {
  const random = sequence(7);
  let text = "";
  for (let at = 0; text.length < 8e6; at++) text += `${line(at, random)}\n`;
  const bytes = Buffer.from(text);
  for (;;) {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  }
}

/** Files of well-mixed logs, `megabytes` in all. */
export function writeLogs(folder: string, megabytes: number): void {
  mkdirSync(folder, { recursive: true });
  const random = sequence(7);
  const files = 8;
  let at = 0;
  for (let file = 0; file < files; file++) {
    const fd = openSync(join(folder, `service-${file}.log`), "w");
    for (let left = (megabytes * 1e6) / files; left > 0;) {
      let text = "";
      while (text.length < 262_144) text += `${line(at++, random)}\n`;
      left -= writeSync(fd, text);
    }
    closeSync(fd);
  }
}
