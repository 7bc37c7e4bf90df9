// Loaded before the program: whatever would leave the process, or write a file, ends it with exit code 99.
import child from "node:child_process";
import dgram from "node:dgram";
import dns from "node:dns";
import fs from "node:fs";
import module from "node:module";
import net from "node:net";
import process from "node:process";

function forbid(owner, name, what) {
  owner[name] = (...args) => {
    fs.writeSync(2, `${what}: ${String(args[0])}\n`);
    process.exit(99);
  };
}

forbid(net.Socket.prototype, "connect", "a connection");
forbid(dgram, "createSocket", "a datagram socket");
for (const name of ["lookup", "resolve", "resolve4", "resolve6"]) forbid(dns, name, "a name looked up");
for (const name of ["spawn", "spawnSync", "exec", "execFile", "execSync", "fork"])
  forbid(child, name, "a program");
const writes = ["writeFile", "writeFileSync", "appendFile", "appendFileSync", "mkdir", "mkdirSync", "rename"];
for (const name of [...writes, "renameSync", "unlink", "unlinkSync", "createWriteStream"]) {
  forbid(fs, name, "a file written");
}
for (const name of ["writeFile", "appendFile", "mkdir", "rename", "unlink"])
  forbid(fs.promises, name, "a file written");
const { open, openSync } = fs;
const reads = (flags) => flags === undefined || flags === "r" || flags === fs.constants.O_RDONLY;
fs.openSync = (path, flags, ...rest) => {
  if (!reads(flags)) process.exit(99);
  return openSync(path, flags, ...rest);
};
fs.open = (path, flags, ...rest) => {
  if (typeof flags !== "function" && !reads(flags)) process.exit(99);
  return open(path, flags, ...rest);
};
module.syncBuiltinESMExports();
