import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { ScriptedServer } from "../cli/server.ts";
import type { Asked } from "./asked.ts";

/** How a program that was started is to end. */
export interface Ends {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}
export type Program = (args: readonly string[], env: Readonly<Record<string, string>>) => Ends | undefined;

/** Passes on what it was started with, and does as it is told. */
const forwarder = (name: string, url: string): string => `#!${execPath}
const { request } = require("node:http");
request("${url}/${name}", { method: "POST" }, (reply) => {
  let text = "";
  reply.on("data", (chunk) => (text += chunk));
  reply.on("end", () => {
    const { code = 0, stdout = "", stderr = "" } = JSON.parse(text);
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    process.exitCode = code;
  });
}).end(JSON.stringify({ args: process.argv.slice(2), env: process.env }));
`;

/** A folder of programs for PATH, each of which a function here stands in for; undefined: it does not know that. */
export async function programs(
  folder: string,
  asked: Asked,
  all: Readonly<Record<string, Program>>,
): Promise<ScriptedServer> {
  const server = await ScriptedServer.start();
  mkdirSync(folder);
  for (const [name, program] of Object.entries(all)) {
    writeFileSync(join(folder, name), forwarder(name, server.url), { mode: 0o755 });
    server.on(`POST /${name}`, ({ body }) => {
      const { args, env } = JSON.parse(body) as { args: string[]; env: Record<string, string> };
      const ends = program(args, env);
      if (ends !== undefined) return { json: ends };
      const stderr = `${asked.refuse([name, ...args].join(" "))}\n`;
      return { json: { code: 64, stderr } };
    });
  }
  return server;
}
