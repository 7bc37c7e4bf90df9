#!/usr/bin/env node
import { existsSync } from "node:fs";
import module from "node:module";

// Node 22 and later keep compiled code between starts; Node 20 has no such call.
module.enableCompileCache?.();

const program = new URL("../dist/main.js", import.meta.url);
if (existsSync(program)) {
  const { start } = await import(program.href);
  await start();
} else {
  console.error("lav-ir is not built yet: run npm run build");
  process.exitCode = 70;
}
