import { homedir } from "node:os";
import { expect, test } from "vitest";
import { configFolder, stateHome } from "../../../src/app/context/xdg.ts";

test("the standard's folders, an empty or relative variable being none", () => {
  const HOME = "/home/ops";
  expect(stateHome({ HOME, XDG_STATE_HOME: "/var/state" })).toBe("/var/state/lav-ir");
  expect(configFolder({ HOME, XDG_CONFIG_HOME: "/etc/ops" })).toBe("/etc/ops/lav-ir");
  for (const given of [undefined, "", "state"]) {
    expect(stateHome({ HOME, XDG_STATE_HOME: given })).toBe("/home/ops/.local/state/lav-ir");
    expect(configFolder({ HOME, XDG_CONFIG_HOME: given })).toBe("/home/ops/.config/lav-ir");
  }
});

test("without HOME the person's own folder, never the working one", () => {
  for (const HOME of [undefined, ""]) expect(stateHome({ HOME })).toBe(`${homedir()}/.local/state/lav-ir`);
});
