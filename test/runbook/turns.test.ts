/** What lint says of a group with a foreach. */
import { expect, test } from "vitest";
import { linted } from "./lint.ts";

async function said(text: string): Promise<string> {
  const lines = (await linted(`runbook: r\n${text}`)).split("\n");
  return [(lines[0] ?? "").replace("r.yaml:", ""), ...lines.slice(3, 4)].join("\n");
}

const steps = (inside: string, behind = ""): string =>
  `steps:\n  - id: each\n    foreach: [a, b]\n    steps:\n      - ${inside}\n${behind}`;
const get = 'http.get: "http://h/${item}"';

test.each([
  ["item and index are seen inside", steps(`{ id: x, ${get}, expect: 'index < 2 && item != ""' }`), ""],
  [
    "and ids of the same item",
    steps(`{ id: x, ${get} }\n      - { http.get: "http://h/\${steps.x.status}" }`),
    "",
  ],
  [
    "outside its ids are the items'",
    steps(
      `{ id: x, ${get} }`,
      '  - { http.get: http://h/, expect: "steps.each.items.all(i, i.x.status == 200)" }\n',
    ),
    "",
  ],
  [
    "and are not seen by themselves",
    steps(`{ id: x, ${get} }`, "  - { http.get: http://h/, expect: steps.x.status == 200 }\n"),
    "7:42: steps.x is each item's own: each has a foreach\n  steps.each.items.map(i, i.x) has that of each.",
  ],
  [
    "nor as outputs of the group",
    steps(`{ id: x, ${get} }`, "  - { http.get: http://h/, expect: steps.each.x.status == 200 }\n"),
    "7:36: steps.each has a foreach: its items are steps.each.items",
  ],
  [
    "item is not seen outside",
    steps(`{ id: x, ${get} }`, '  - { http.get: "http://h/${item}" }\n'),
    "7:29: item is not defined here\n  Defined here: changed, now, params, platform, run, steps, vars.",
  ],
  [
    "a list in the list",
    steps(`{ id: x, foreach: [1], ${get} }`),
    "6:32: x has a foreach in the foreach of each\n  Make one list of it, or leave one of them out.",
  ],
  [
    "save",
    steps(`{ id: x, ${get}, save: { a: status } }`),
    "6:59: save holds one value, but a foreach gives many\n  Take them later: steps.each.items.map(i, i.x).",
  ],
  [
    "an id that an item has already",
    steps(`{ id: item, ${get} }`),
    "6:21: in the foreach of each, item cannot be an id\n  Give it another id.",
  ],
  [
    "in the diagnosis, where it is waited for as a whole",
    `diagnose:\n  - id: each\n    foreach: [a]\n    steps:\n      - { id: x, ${get} }\n      - { id: y, needs: [x], ${get}, expect: steps.x.status == status }\n  - { needs: [each], http.get: http://h/, expect: "steps.each.items.all(i, i.x.status == 200)" }\n`,
    "",
  ],
  [
    "a step of it cannot be needed from outside",
    `diagnose:\n  - id: each\n    foreach: [a]\n    steps: [{ id: x, ${get} }]\n  - { needs: [x], http.get: http://h/, expect: status == 200 }\n`,
    "6:15: x is each item's own: each has a foreach\n  needs: [each] waits for all of them.",
  ],
  [
    "nor decide a rung",
    `diagnose:\n  - id: each\n    foreach: [a]\n    steps: [{ id: x, ${get}, expect: status == 200 }]\nresolve:\n  - rung: r\n    steps: [{ service.restart: gateway }]\n    verify: { findings: [x] }\n`,
    "9:26: x is each item's own: each has a foreach\n  findings: [each] stands for all of them.",
  ],
  [
    "nor be seen from outside, though its group is needed",
    `diagnose:\n  - id: each\n    foreach: [a]\n    steps: [{ id: x, ${get} }]\n  - { needs: [each], http.get: http://h/, expect: steps.x.status == 200 }\n`,
    "6:57: steps.x is each item's own: each has a foreach\n  steps.each.items.map(i, i.x) has that of each.",
  ],
  [
    "a label without a list",
    `steps:\n  - label: x\n    steps: [{ http.get: http://h/ }]\n`,
    "3:5: label names the items of a foreach, but this group has no foreach",
  ],
])("%s", async (_what, text, expected) => {
  expect(await said(text)).toBe(expected);
});
