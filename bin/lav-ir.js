#!/usr/bin/env node
"use strict";
// A Node too old for the program must still read this file: it keeps to the language of 2015, and to globals.

/** The oldest Node that the program runs on: package.json's engines. */
const oldest = [20, 19];
const own = process.versions.node.split(".").map(Number);

if (own[0] < oldest[0] || (own[0] === oldest[0] && own[1] < oldest[1])) {
  process.stderr.write(
    `lav-ir needs Node ${oldest.join(".")} or newer, and ${process.execPath} is ${process.versions.node}.\n` +
      `Install a newer one, or name it: /path/to/node ${__filename}\n`,
  );
  process.exitCode = 2;
} else {
  start();
}

function start() {
  const { join } = require("node:path");
  const { createLoader } = require("./load.js");
  const main = join(__dirname, "../dist/main.js");
  let program;
  try {
    program = createLoader(join(__dirname, "../dist")).load(main);
  } catch (error) {
    if (error.code !== "ENOENT" || error.path !== main) throw error;
    process.stderr.write("lav-ir is not built yet: run npm ci and npm run build\n");
    process.exitCode = 2;
    return;
  }
  program.start().then((over) => {
    if (over) process.exit();
  });
}
