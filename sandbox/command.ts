import { parseArgs } from "node:util";
import { containersOf } from "./docker.ts";
import { answeringEngine } from "./engine.ts";
import { faultProblem } from "./fault-check.ts";
import type { Fault } from "./faults.ts";
import { removeStack } from "./remove.ts";
import { attach, stackUp } from "./stack.ts";
import { readState } from "./state.ts";
import { commands, help, usage } from "./usage.ts";

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
  if (values.help) return void process.stdout.write(help());
  const { project } = values;
  const [command = "", ...rest] = positionals;
  const [extra] = command === "fault" ? [] : rest.slice(command === "clear" ? 1 : 0);
  if (extra !== undefined) return misuse(`${command} takes no ${extra}\n${usage}`);
  switch (command) {
    case "up": {
      const kafka = values.kafka;
      if (kafka !== "3.9" && kafka !== "4.1") return misuse("--kafka is 3.9 or 4.1");
      if (values.compose !== "1" && values.compose !== "2") return misuse("--compose is 1 or 2");
      const seed = seedOf(values.random);
      if (seed === "wrong") return misuse("--random is a seed: a whole number of up to nine digits");
      const compose = values.compose === "1" ? 1 : 2;
      const stack = await stackUp({ project, kafka, compose, seed, log: say });
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
      const { instance: number } = values;
      if (number !== undefined && !/^[1-9]\d*$/.test(number))
        return misuse("--instance is a number from 1 on");
      const pairs = options.map((option) => /^([^=]+)=(.*)$/s.exec(option)?.slice(1, 3));
      if (pairs.includes(undefined)) return misuse("a fault's options are written key=value");
      const extra = Object.fromEntries(pairs.map((pair) => [pair?.[0], readValue(pair?.[1] ?? "")]));
      const own = ["fault", "until", "instance", "set"].find((one) => Object.hasOwn(extra, one));
      if (own !== undefined) return misuse(`${own} is no option of a fault`);
      const instance = number === undefined ? {} : { instance: Number(number) };
      const fault: Fault = { ...extra, fault: name, until, ...instance };
      const problem = faultProblem(service, fault);
      if (problem !== undefined) return misuse(problem);
      return await (await attach(project)).fault(service, fault);
    }
    case "clear":
      return await (await attach(project)).clear(rest[0]);
    default: {
      const none = command === "" ? "" : `no command ${command}; there are ${commands.join(", ")}\n`;
      return misuse(`${none}${usage}`);
    }
  }
}

function readArguments() {
  try {
    return parseArgs({
      args: withSeed(process.argv.slice(2)),
      allowPositionals: true,
      options: {
        project: { type: "string", default: "lav" },
        kafka: { type: "string", default: "4.1" },
        compose: { type: "string", default: "2" },
        until: { type: "string", default: "cleared" },
        instance: { type: "string" },
        random: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** `--random` alone and `--random SEED`, as one argument that has a value. */
function withSeed(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    if (arg === "--random") return [`--random=${/^\d+$/.test(args[index + 1] ?? "") ? args[index + 1] : ""}`];
    return args[index - 1] === "--random" && /^\d+$/.test(arg) ? [] : [arg];
  });
}

/** Nothing random, a seed that is given, or one that is chosen. */
function seedOf(text: string | undefined): number | undefined | "wrong" {
  if (text === undefined) return undefined;
  if (text === "") return Date.now() % 1_000_000;
  return /^\d{1,9}$/.test(text) ? Number(text) : "wrong";
}

async function status(project: string): Promise<void> {
  const state = readState(project);
  const engine = await answeringEngine();
  const containers = engine === undefined ? [] : await containersOf(engine.host, project);
  if (state === undefined && containers.length === 0) return say(`the stack ${project} is not up`);
  if (state !== undefined)
    say(
      `${project}: Kafka ${state.kafka}, Compose ${state.flavour === 1 ? "1.29" : "2"}${state.seed === undefined ? "" : `, random by seed ${state.seed}`}`,
    );
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
