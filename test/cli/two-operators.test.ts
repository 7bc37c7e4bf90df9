// Two operators of one state folder who both say yes: the second is asked again, because the first has acted.
import { afterEach, beforeEach, expect, test } from "vitest";
import { Rig } from "./rig.ts";
import { enter, Screen } from "./screen.ts";

let rig: Rig;
let screens: Screen[] = [];
beforeEach(async () => {
  rig = await Rig.create();
  rig.runbook("book", book);
  rig.runbook("other", book.replace("id: act", "id: tell").replace("/act", "/tell"));
  rig.server.on("POST /act", 200).on("POST /tell", 200);
});
afterEach(async () => {
  for (const screen of screens) screen[Symbol.dispose]();
  screens = [];
  await rig[Symbol.asyncDispose]();
});

const book = `
title: Act on the market
service: market
steps: [{ id: act, title: Act, "http.post": "\${service.url}/act" }]
`;

async function asked(name: string, more: readonly string[] = []): Promise<Screen> {
  const screen = new Screen(rig, ["run", name, ...more]);
  screens.push(screen);
  await screen.shows("Do it?");
  return screen;
}

const paths = (): readonly string[] => rig.server.changes().map(({ path }) => path);

test.each(["book", "other"])(
  "who answers second is told who agreed to %s, and asked again",
  async (second) => {
    const [one, two] = [await asked("book"), await asked(second)];
    one.type(`y${enter}`);
    expect((await one.ended).code).toBe(0);
    two.type(`y${enter}`);
    await two.shows(/has agreed to act of book since this was asked \(RUN-[^)]+, \d\d:\d\d:\d\d UTC\)/);
    expect(paths()).toEqual(["/act"]);
    two.type(`q${enter}`);
    expect([(await two.ended).code, paths()]).toEqual([3, ["/act"]]);
  },
);

test("a yes to that question does it", async () => {
  const [one, two] = [await asked("book"), await asked("book")];
  one.type(`y${enter}`);
  await one.ended;
  two.type(`y${enter}`);
  await two.shows(/has agreed to act[^]*Do it\?/);
  two.type(`y${enter}`);
  expect([(await two.ended).code, paths()]).toEqual([0, ["/act", "/act"]]);
});

test("what was agreed to on another environment asks nobody again", async () => {
  rig.platform("environments: { test: {}, live: {} }");
  const [one, two] = [await asked("book", ["--env", "test"]), await asked("book", ["--env", "live"])];
  one.type(`y${enter}`);
  await one.ended;
  two.type(`y${enter}`);
  expect([(await two.ended).code, paths()]).toEqual([0, ["/act", "/act"]]);
});

test("both at once: one acts, and the other is asked again", async () => {
  const [one, two] = [await asked("book"), await asked("book")];
  for (const screen of [one, two]) screen.type(`y${enter}`);
  const first = await Promise.race([one, two].map(async (screen) => (await screen.ended, screen)));
  const other = first === one ? two : one;
  await other.shows(/has agreed to act of book/);
  expect(paths()).toEqual(["/act"]);
  other.type(enter);
  expect([(await other.ended).code, paths()]).toEqual([3, ["/act"]]);
});
