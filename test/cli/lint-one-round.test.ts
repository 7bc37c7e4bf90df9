/** One pass of lint reports all that is sure, so that an author mends a file in one round. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
});
afterEach(async () => await rig[Symbol.asyncDispose]());

/** `line: message`, in the order they are told. */
async function said(text: string): Promise<readonly string[]> {
  rig.file("runbooks/book.yaml", text);
  const { code, stderr } = await rig.run(["lint", "runbooks/book.yaml"]);
  expect(code).toBe(2);
  return [...stderr.matchAll(/^runbooks\/book\.yaml:(\d+):\d+: (.*)$/gm)].map(
    ([, line = "", message = ""]) => `${line}: ${message}`,
  );
}

test("problems of every stage, and the warnings, are told at once", async () => {
  const all = await said(`runbook: b
params:
  used: { default: 3 }
  unused: { default: 3 }
diagnose:
  - id: one
    http.get: { ulr: http://x, query: { a: "\${params.used}" } }
    expect: statuss == 200
  - id: two
    needs: one
    sql.qury: SELECT 1
  - id: three
    needs: [one, two]
    redis.ping:
    expect: steps.two.count > steps.one.statuz
    finding: "answered after $latency"
steps:
  - service.restart: nosuch
`);
  expect(all).toEqual([
    "1: the file is called book",
    "7: ulr is not a key of http.get",
    "8: statuss is not defined here",
    "11: sql.qury is not a kind of step",
    "15: statuz is not defined here",
    "18: runbooks/platform.yaml has no service nosuch",
    "4: warning: nothing reads the parameter unused",
    "16: warning: $latency is shown as it is written",
  ]);
});

test("what could not be read is no problem of what reads it", async () => {
  const all = await said(`runbook: book
params:
  worse: { default: [3], type: nosuch }
diagnose:
  - { id: both, redis.ping: {}, wait: 1s }
  - { include: nosuch, id: other }
  - id: reads
    needs: [both, other]
    http.get: http://x/\${params.worse}
    expect: steps.both.x == 1 && steps.other.y.count > 2 && status == params.worse
`);
  expect(all).toEqual([
    '3: type must be one of string, integer, number, boolean, duration, list, map, and is "nosuch"',
    "5: a step does one thing, but this one has redis.ping and wait",
    "6: no runbook named nosuch to include",
  ]);
});

test("a name that stands in what could not be read is not called unread", async () => {
  const all = await said(`runbook: book
params:
  a: { default: 3 }
steps:
  - sql.qury: SELECT 1
    save: { b: count + params.a }
  - sql.qury: SELECT \${vars.b}
`);
  expect(all).toEqual(["5: sql.qury is not a kind of step", "7: sql.qury is not a kind of step"]);
});
