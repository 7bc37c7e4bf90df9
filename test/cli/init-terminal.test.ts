import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Rig } from "./rig.ts";
import { ctrlC, down, enter, Screen } from "./screen.ts";

let rig: Rig;
let shop: string;
let screen: Screen | undefined;
beforeEach(async () => {
  rig = await Rig.create();
  shop = join(rig.folder, "shop");
  mkdirSync(shop);
});
afterEach(async () => {
  screen?.[Symbol.dispose]();
  screen = undefined;
  await rig[Symbol.asyncDispose]();
});

function open(...args: readonly string[]): Screen {
  screen = new Screen(rig, ["init", "shop", ...args], { columns: 80, rows: 24 });
  return screen;
}
const platform = (): string => readFileSync(join(shop, "runbooks/platform.yaml"), "utf8");

test("the platform, a service and its address are asked for; what cannot be used is asked for again", async () => {
  const at = open();
  await at.shows("Name of the platform (Enter: shop)");
  at.type(enter);
  await at.shows("Name of one of its services (Enter: api)");
  at.type(`two words${enter}`);
  await at.shows("A name has letters, digits, dots, - and _ alone.");
  at.type(`web${enter}`);
  await at.shows("Address of web (Enter: http://localhost:3000)");
  at.type(`localhost:80${enter}`);
  await at.shows("web must be an http or https address without a password");
  at.type(`${rig.server.url}${enter}`);
  const { code, text } = await at.ended;
  expect([code, text]).toEqual([0, expect.stringContaining("lav-ir run web-down --dry-run")]);
  expect(text).not.toContain("is an example");
  expect(platform()).toContain(`platform: shop\n`);
  expect(platform()).toContain(`  web: ${rig.server.url}\n`);
});

test("of services that are there, one is chosen; those that answer HTTP come first", async () => {
  rig.file("shop/compose.yaml", 'services: { db: { ports: ["5433:5432"] }, web: { ports: ["80:80"] } }\n');
  const at = open();
  await at.shows("Name of the platform");
  at.type(enter);
  await at.shows("Which service is the first runbook about?");
  expect(at.text()).toMatch(/web {2}http:\/\/localhost:80\n.*db {2}http:\/\/localhost:5433/);
  at.type(`${down}${enter}`);
  expect((await at.ended).code).toBe(0);
  const text = readFileSync(join(shop, "runbooks/db-down.yaml"), "utf8");
  expect(text).toContain("tcp.connect: localhost:5433\n");
});

test("Ctrl-C at a question writes nothing", async () => {
  const at = open();
  await at.shows("Name of the platform");
  at.type(ctrlC);
  const { code, text } = await at.ended;
  expect([code, text]).toEqual([130, expect.stringContaining("nothing was written")]);
  expect(existsSync(join(shop, "runbooks"))).toBe(false);
});

test("--no-input asks nothing", async () => {
  expect((await open("--no-input").ended).code).toBe(0);
  expect(platform()).toContain("  api: http://localhost:3000\n");
});
