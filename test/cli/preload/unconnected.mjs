// Loaded before the program: a connection, or a name looked up, ends it with exit code 99.
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
module.syncBuiltinESMExports();
