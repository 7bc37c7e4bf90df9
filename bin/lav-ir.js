#!/usr/bin/env node
"use strict";
const { join } = require("node:path");
const process = require("node:process");
const { createLoader } = require("./load.js");

const main = join(__dirname, "../dist/main.js");
let program;
try {
  program = createLoader(join(__dirname, "../dist")).load(main);
} catch (error) {
  if (error.code !== "ENOENT" || error.path !== main) throw error;
  process.stderr.write("lav-ir is not built yet: run npm ci and npm run build\n");
  process.exitCode = 2;
}
void program?.start();
