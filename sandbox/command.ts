import { parseArgs } from "node:util";
import { containersOf } from "./docker.ts";
import { answeringEngine } from "./engine.ts";
import type { Fault } from "./faults.ts";
import { removeStack } from "./remove.ts";
import { attach, stackUp } from "./stack.ts";
import { readState } from "./state.ts";

const usage = `usage: npm run stack -- up [--kafka 3.9|4.1] [--compose 1|2] | reset | down | status | env
       npm run stack -- fault SERVICE NAME [--until cleared|restart|recreate] [--instance N] [key=value …]
       npm run stack -- clear [SERVICE]
       all of them: [--project NAME]`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

try {
  await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const given = readArguments();
  if (given === undefined) return misuse(usage);
  const { values, positionals } = given;
  const { project } = values;
  const [command = "", ...rest] = positionals;
  switch (command) {
    case "up": {
      const kafka = values.kafka;
      if (kafka !== "3.9" && kafka !== "4.1") return misuse("--kafka is 3.9 or 4.1");
      if (values.compose !== "1" && values.compose !== "2") return misuse("--compose is 1 or 2");
      const stack = await stackUp({ project, kafka, compose: values.compose === "1" ? 1 : 2, log: say });
      say(`platform file: ${stack.platformFile}`);
      return;
    }
    case "down":
      return await removeStack(project, say);
    case "reset": {
      const again = await (await attach(project)).reset();
      say(again.length === 0 ? "reset" : `reset; made again: ${again.join(", ")}`);
      return;
    }
    case "status":
      return await status(project);
    case "env": {
      const { env, platformFile } = await attach(project);
      for (const [name, value] of Object.entries({ ...env, LAV_IR_CONFIG: platformFile })) {
        process.stdout.write(`export ${name}='${value}'\n`);
      }
      return;
    }
    case "fault": {
      const [service, name, ...options] = rest;
      const until = values.until;
      if (service === undefined || name === undefined) return misuse(usage);
      if (until !== "cleared" && until !== "restart" && until !== "recreate") {
        return misuse("--until is cleared, restart or recreate");
      }
      const pairs = options.map((option) => /^([^=]+)=(.*)$/s.exec(option)?.slice(1, 3));
      if (pairs.includes(undefined)) return misuse("a fault's options are written key=value");
      const extra = Object.fromEntries(pairs.map((pair) => [pair?.[0], readValue(pair?.[1] ?? "")]));
      const instance = values.instance === undefined ? {} : { instance: Number(values.instance) };
      const fault: Fault = { ...extra, fault: name, until, ...instance };
      return await (await attach(project)).fault(service, fault);
    }
    case "clear":
      return await (await attach(project)).clear(rest[0]);
    default:
      return misuse(usage);
  }
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        project: { type: "string", default: "lav" },
        kafka: { type: "string", default: "4.1" },
        compose: { type: "string", default: "2" },
        until: { type: "string", default: "cleared" },
        instance: { type: "string" },
      },
    });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

async function status(project: string): Promise<void> {
  const state = readState(project);
  const engine = await answeringEngine();
  const containers = engine === undefined ? [] : await containersOf(engine.host, project);
  if (state === undefined && containers.length === 0) return say(`the stack ${project} is not up`);
  if (state !== undefined)
    say(`${project}: Kafka ${state.kafka}, Compose ${state.flavour === 1 ? "1.29" : "2"}`);
  for (const one of containers) {
    const ports = Object.values(one.ports).map((port) => ` 127.0.0.1:${port}`);
    process.stdout.write(`${one.service} ${one.number}: ${one.state}${ports.join("")}\n`);
  }
}

/** A number or a truth value as such; everything else as text. */
function readValue(text: string): unknown {
  return /^(?:-?\d+(?:\.\d+)?|true|false)$/.test(text) ? (JSON.parse(text) as unknown) : text;
}

function misuse(message: string): void {
  say(message);
  process.exitCode = 2;
}
