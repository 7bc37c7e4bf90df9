// Loaded before the program: notes in DISK_LOG every file it touches and every connection it makes, with its
// process; and whatever lies below DISK_HANGS never answers, as on a disk that has gone.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import process from "node:process";

const { DISK_LOG: log = "/dev/null", DISK_HANGS: gone } = process.env;
const { writeSync } = fs;
const out = fs.openSync(log, "a");

function note(what, path) {
  writeSync(out, `${process.pid} ${what} ${path}\n`);
  return gone !== undefined && path.startsWith(gone);
}

const named =
  /^(?:access|append|chmod|copy|exists|link|lstat|mkdir|open|read|realpath|rename|rm|stat|statfs|unlink|write)/;
for (const [owner, asynchronous] of [
  [fs, false],
  [fs.promises, true],
]) {
  for (const [name, original] of Object.entries(owner)) {
    if (typeof original !== "function" || !named.test(name)) continue;
    owner[name] = (...args) => {
      if (typeof args[0] !== "string" || !note(name, args[0])) return original(...args);
      if (asynchronous || !name.endsWith("Sync")) return new Promise(() => setInterval(() => {}, 1000));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    };
  }
}
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  note("connect", "-");
  return connect.apply(this, args);
};
syncBuiltinESMExports();
