import { spawn } from "node:child_process";
import { once } from "node:events";
import { cachedDataVersionTag } from "node:v8";
import { expect, test } from "vitest";
import { readyParser } from "../../../src/drivers/http/parser.ts";
import { http } from "../loopback.ts";
import { Rig, program } from "../../cli/rig.ts";

test("V8's flags are afterwards what they were: code that is compiled beforehand is not refused", async () => {
  const before = cachedDataVersionTag();
  await readyParser();
  expect(cachedDataVersionTag()).toBe(before);
});

test("undici's parser is compiled, and not optimised for 60 replies", async () => {
  await using server = await http((_request, response) => response.end("ok"));
  await using rig = await Rig.create();
  const steps = Array.from({ length: 60 }, (_, at) => `  - { id: get_${at}, http.get: "${server.url}" }\n`);
  rig.runbook("book", `title: Book\nsteps:\n${steps.join("")}`);
  const args = ["--trace-wasm-compilation-times", program, "run", "book", "--quiet"];
  const child = spawn(process.execPath, args, { cwd: rig.folder, env: rig.env() });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  expect(code).toBe(0);
  expect(output).toContain("using Liftoff");
  expect(output).not.toContain("using TurboFan");
});
