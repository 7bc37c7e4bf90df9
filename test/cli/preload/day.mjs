// Loaded before the program: its day is the one in DAY_CLOCK, and its machine is called DAY_HOST. The file holds by how
// many milliseconds the day is ahead of the machine's own clock, now and when it began; it may change at any time, and
// wall clock and monotonic ones go on by the same.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import process from "node:process";

const { DAY_CLOCK: file, DAY_HOST: host } = process.env;
const { now } = Date;
const { uptime } = os;
const mono = performance.now.bind(performance);

/** Reads of the file, in the machine's own milliseconds. */
const every = 20;
let read = -every;
let day = { ahead: 0, began: 0 };

function ahead() {
  if (mono() - read >= every) {
    day = JSON.parse(fs.readFileSync(file, "utf8"));
    read = mono();
  }
  return day.ahead;
}

const started = ahead();
globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length === 0 ? [now() + ahead()] : given));
  }
  static now() {
    return now() + ahead();
  }
};
performance.now = () => mono() + ahead() - started;
os.uptime = () => uptime() + (ahead() - day.began) / 1000;
os.hostname = () => host;
syncBuiltinESMExports();
