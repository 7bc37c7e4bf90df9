import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { root } from "../../tools/places.ts";

type Module = Readonly<Record<string, unknown>>;
const load = async (file: string): Promise<Module> => (await import(pathToFileURL(file).href)) as Module;

it("a bundled program finds what lies beside its source, of whatever folder", async () => {
  const { bundle } = (await load(join(root, "tools/bundle.mjs"))) as {
    bundle: (source: string, root: string) => Promise<string>;
  };
  const tool = await load(await bundle("tools/places.ts", root));
  expect(tool["root"]).toBe(root);
  const ofSandbox = (await load(await bundle("sandbox/state.ts", root))) as {
    stackFolder: (project: string) => string;
  };
  expect(ofSandbox.stackFolder("x")).toBe(join(root, ".stack/x"));
});
