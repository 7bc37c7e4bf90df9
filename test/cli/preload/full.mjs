// Loaded before the program: from the n-th record of a type on, or of any, the journal's disk is full, and takes half
// of that record before it says so.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";

const [type, count] = process.env.FULL.split(" ");
const { writeSync } = fs;
let left = Number(count);
fs.writeSync = (fd, bytes, ...rest) => {
  const text = Buffer.isBuffer(bytes) ? bytes.toString() : "";
  if (!/^\{"v":\d/.test(text)) return writeSync(fd, bytes, ...rest);
  if (type === "any" || text.includes(`"type":"${type}"`)) left--;
  if (left > 0) return writeSync(fd, bytes, ...rest);
  if (left === 0 && rest[0] === 0) {
    left--;
    return writeSync(fd, bytes, 0, Math.floor(bytes.length / 2));
  }
  throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
};
syncBuiltinESMExports();
