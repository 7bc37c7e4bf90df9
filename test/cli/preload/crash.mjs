// Loaded before the program: kills its process right before or right after the n-th record of its journal
// is written. A record is one write that begins like one; nothing else the program writes does.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";

const [when, count] = process.env.CRASH.split(" ");
const { writeSync } = fs;
let left = Number(count);
fs.writeSync = (fd, bytes, ...rest) => {
  const last = isRecord(bytes) && --left === 0;
  if (last && when === "before") die();
  if (last && when === "within") {
    writeSync(fd, bytes, 0, Math.floor(bytes.length / 2));
    die();
  }
  const written = writeSync(fd, bytes, ...rest);
  if (last) die();
  return written;
};
syncBuiltinESMExports();

function isRecord(bytes) {
  return Buffer.isBuffer(bytes) && bytes.toString("utf8", 0, 6) === '{"v":2';
}

function die() {
  process.kill(process.pid, "SIGKILL");
  // The signal is on its way; nothing more may happen until it comes.
  for (;;);
}
