// Loaded before the program: the name in NAMES_HANG is never resolved, and the lookup is noted in NAMES_LOG as it
// begins, as with a resolver that does not answer.
import dns from "node:dns";
import { appendFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";

const { NAMES_HANG: lost, NAMES_LOG: log = "/dev/null" } = process.env;
const { lookup } = dns;
dns.lookup = (hostname, ...rest) => {
  if (hostname !== lost) return lookup(hostname, ...rest);
  appendFileSync(log, `${hostname}\n`);
  setInterval(() => {}, 1000);
};
syncBuiltinESMExports();
