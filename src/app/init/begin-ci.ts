import { lstat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ok, type Result } from "../../base/result.ts";
import { readSource } from "../../language/source.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import { replaceFile } from "../context/replace-file.ts";
import { lookAtFile } from "../context/trusted-file.ts";
import type { World } from "../context/world.ts";
import { addHook } from "./add-hook.ts";
import type { Initialised, Written } from "./begin.ts";
import { hooksPath, hooksText, workflowPath, workflowText } from "./ci-files.ts";
import { writeFiles } from "./write-files.ts";

/** Where a repository keeps its platform file, as the commands look for it. */
const platformFiles = ["runbooks/platform.yaml", "platform.yaml"];
const what = "lav-ir lint before each commit";

/** Writes a workflow, and an entry for pre-commit: what is there of the latter stays as it is. */
export async function beginCi(world: World, folder: string): Promise<Result<Initialised, Refusal>> {
  const root = resolve(world.cwd, folder);
  let platformFile: string | undefined;
  for (const path of platformFiles.toReversed()) if (await isThere(join(root, path))) platformFile = path;
  if (platformFile === undefined || !(await isThere(join(root, "runbooks"))))
    return refusal(`${root} has no runbooks with a platform file; lav-ir init begins both`);
  const hooks = await hooksFor(world, root, platformFile);
  const workflow = { path: workflowPath, text: workflowText(platformFile) };
  const fresh = hooks.type === "new" ? [{ path: hooksPath, text: hooks.text }] : [];
  const made = await writeFiles(world, root, [workflow, ...fresh]);
  if (!made.ok) return made;
  if (hooks.type === "added") {
    const wrong = await replaceFile(join(root, hooksPath), hooks.before, hooks.text);
    if (wrong !== undefined) {
      await made.value();
      return refusal(`${wrong}; nothing was written`);
    }
  }
  const written: Written[] = [
    { path: workflowPath, what: "lint and dry runs on GitHub" },
    ...(hooks.type === "new" || hooks.type === "added"
      ? [{ path: hooksPath, what: hooks.type === "new" ? what : `${what}: an entry, added` }]
      : []),
  ];
  const notes = [
    "the workflow installs lav-ir by the repository's variable LAV_IR_PACKAGE",
    ...((await isThere(join(root, ".git"))) ? [] : [`${root} is not the root of a git repository`]),
    ...(hooks.type === "there" ? [`${hooksPath} has the entry already`] : []),
    ...(hooks.type === "byHand" ? [hooks.note] : []),
  ];
  const paths = written.map(({ path }) => path).join(" ");
  const next = [`git add ${paths}`, "pre-commit install", "pre-commit run --all-files"];
  return ok({ written, notes, next });
}

type Hooks =
  | { readonly type: "new"; readonly text: string }
  | { readonly type: "added"; readonly before: string; readonly text: string }
  | { readonly type: "there" }
  | { readonly type: "byHand"; readonly note: string };

async function hooksFor(world: World, root: string, platformFile: string): Promise<Hooks> {
  const path = join(root, hooksPath);
  if (!(await isThere(path))) return { type: "new", text: `repos:\n${hooksText(platformFile, 2)}` };
  const byHand = (why: string): Hooks => ({
    type: "byHand",
    note: `${hooksPath} is left as it is: ${why}. Put this below its repos:\n${hooksText(platformFile, 2)}`,
  });
  const stat = await lstat(path);
  if (!stat.isFile()) return byHand(stat.isSymbolicLink() ? "it is a link" : "it is no regular file");
  const looked = world.identity === undefined ? undefined : await lookAtFile(path, world.identity);
  if (looked?.trusted === false) return byHand(looked.distrust.why);
  const read = await readSource(path);
  if (!read.ok) return byHand("it cannot be read");
  const before = read.value.text;
  const added = addHook(before, platformFile);
  if ("there" in added) return { type: "there" };
  if ("byHand" in added) return byHand(added.byHand);
  return { type: "added", before, text: added.text };
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
