import process from "node:process";
import { readSource } from "../../src/language/source.ts";

// Reads a file as somebody else, and says why it could not be read.
const [path = "", user = ""] = process.argv.slice(2);
if (user !== "") process.setuid?.(Number(user));
const source = await readSource(path);
process.stderr.write(source.ok ? "it was read\n" : `${source.failure}\n`);
