import { dirname, join } from "node:path";
import { timed, type Command } from "./child.ts";
import type { Peers } from "./peers.ts";
import type { Place } from "./place.ts";
import type { BenchServer } from "./server.ts";
import { figure, type Row } from "./report.ts";
import { spread } from "./statistics.ts";

/** A tool with the same work written for it twice: once with few steps, once with fifty more. */
interface Contender {
  readonly name: string;
  readonly few: Command;
  readonly many: Command;
  readonly rounds: number;
}

const more = 50;

/**
 * What one step costs: a GET on loopback and an assertion on its status, in order, the tool's own record
 * included. Runs of 51 steps less runs of 1, so that starting up does not count; the tools take turns.
 */
export async function costPerStep(
  place: Place,
  { quick, parts }: Pick<BenchServer, "quick" | "parts">,
  peers: Peers,
  rounds: number,
): Promise<readonly Row[]> {
  const gets = [ourselves(place, "get", quick, rounds)];
  if (peers.venom !== undefined) gets.push(venom(place, "GET", quick, peers.venom, rounds));
  // Half a second a step: a few rounds say enough.
  if (peers.ansible !== undefined) gets.push(ansible(place, quick, peers.ansible, Math.min(2, rounds)));
  const posts = [ourselves(place, "post", quick, rounds)];
  if (peers.venom !== undefined) posts.push(venom(place, "POST", quick, peers.venom, rounds));
  const apart = [ourselves(place, "get", parts, rounds)];
  return [
    ...(await race("a GET step", gets, rounds)),
    ...(await race("a consented POST step", posts, rounds)),
    ...(await race("a GET step, head and body sent apart", apart, rounds, 3)),
  ];
}

async function race(
  what: string,
  contenders: readonly Contender[],
  rounds: number,
  atMost?: number,
): Promise<readonly Row[]> {
  const costs = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (const { few, many, rounds: own } of contenders) {
    if (own < rounds) continue;
    await timed(few);
    await timed(many);
  }
  for (let round = 0; round < rounds; round++) {
    for (const { name, few, many, rounds: own } of contenders) {
      if (round >= own) continue;
      const short = (await timed(few)).ms;
      const long = (await timed(many)).ms;
      costs.get(name)?.push((long - short) / more);
    }
  }
  const rows = contenders.map(({ name }): Row => {
    const target = atMost === undefined ? {} : { atMost };
    return { what: `${what}, ${name}`, unit: "ms", spread: spread(costs.get(name) ?? []), ...target };
  });
  const [own, ...others] = rows;
  return own === undefined ? [] : [own, ...others.map((other) => against(own, other))];
}

/** The peer's own figure, and ours over it. Who is ahead is said only where no round says otherwise. */
function against(own: Row, other: Row): Row {
  const ratio = figure(own.spread.median / other.spread.median);
  const ahead = own.spread.max < other.spread.min;
  const behind = own.spread.min > other.spread.max;
  const verdict = ahead ? "ahead" : behind ? "BEHIND" : "undecided, the spreads overlap";
  return { ...other, note: `ours over it: ${ratio} × (${verdict})` };
}

function ourselves(place: Place, verb: "get" | "post", url: string, rounds: number): Contender {
  const command = (count: number): Command => {
    const id = `bench-${verb}-${count}-${new URL(url).port}`;
    const step = (at: number): string =>
      [
        `  - id: it_${at}`,
        `    title: It ${at}`,
        `    http.${verb}: ${url}`,
        "    expect: status == 200",
      ].join("\n");
    const lines = [`runbook: ${id}`, `title: ${count} requests`, "steps:", ...repeat(count, step)];
    const yes = verb === "post" ? ["--yes", "--skip-evidence", "bench"] : [];
    return place.lavIr("run", place.write(`${id}.yaml`, `${lines.join("\n")}\n`), ...yes);
  };
  return { name: "lav-ir", few: command(1), many: command(1 + more), rounds };
}

function venom(
  place: Place,
  method: "GET" | "POST",
  url: string,
  program: string,
  rounds: number,
): Contender {
  const command = (count: number): Command => {
    const step = [
      "  - type: http",
      `    method: ${method}`,
      `    url: ${url}`,
      "    assertions:",
      "    - result.statuscode ShouldEqual 200",
    ].join("\n");
    const text = ["name: bench", "testcases:", "- name: gets", "  steps:", ...repeat(count, () => step)];
    const path = place.write(`venom-${method}-${count}.yml`, `${text.join("\n")}\n`);
    return { program, args: ["run", path], cwd: place.folder };
  };
  return { name: "venom", few: command(1), many: command(1 + more), rounds };
}

function ansible(place: Place, url: string, program: string, rounds: number): Contender {
  const command = (count: number): Command => {
    const step = (at: number): string =>
      `    - { name: Get ${at}, ansible.builtin.uri: { url: "${url}", status_code: 200 } }`;
    const head = ["- hosts: localhost", "  connection: local", "  gather_facts: false", "  tasks:"];
    const path = place.write(`ansible-${count}.yml`, `${[...head, ...repeat(count, step)].join("\n")}\n`);
    return {
      program,
      args: ["-i", "localhost,", path],
      cwd: place.folder,
      env: {
        LC_ALL: "C.UTF-8",
        ANSIBLE_HOME: place.folder,
        ANSIBLE_PYTHON_INTERPRETER: join(dirname(program), "python"),
      },
    };
  };
  return { name: "ansible's uri", few: command(1), many: command(1 + more), rounds };
}

function repeat(count: number, line: (at: number) => string): string[] {
  return Array.from({ length: count }, (_, at) => line(at + 1));
}
