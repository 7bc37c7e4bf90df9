#!/usr/bin/env node
import { existsSync } from "node:fs";
import module from "node:module";
import process from "node:process";

// Node 22 and later keep compiled code between starts; Node 20 has no such call.
module.enableCompileCache?.();

const program = new URL("../dist/main.js", import.meta.url);
if (existsSync(program)) {
  const { start } = await import(program.href);
  await start();
} else {
  process.stderr.write("lav-ir is not built yet: run npm run build\n");
  process.exitCode = 70;
}
