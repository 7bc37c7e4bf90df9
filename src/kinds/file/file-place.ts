import { didYouMean } from "../../base/suggest.ts";
import { required, text } from "../../language/shape.ts";
import type { FilePlace } from "../../ports/files.ts";
import { shown } from "../format.ts";
import type { DisplayArgs, Where } from "../kind.ts";

export const fileField = required(
  text(),
  "`ROOT/path`: a folder of the platform file's `files`, and a path below it",
);

/** A folder's name, and the path below it. */
export function placeOf(file: string): FilePlace {
  const at = file.indexOf("/");
  return at < 0 ? { root: file, path: "" } : { root: file.slice(0, at), path: file.slice(at + 1) };
}

/** What is wrong with a file's name on this platform, in one sentence. */
export function checkFile(args: DisplayArgs, { files, platform }: Where): string | undefined {
  const file = shown(args["file"]);
  const { root, path } = placeOf(file);
  if (root === "") return checkPath(file, path);
  if (!root.includes("‹") && !Object.hasOwn(files, root)) {
    const names = Object.keys(files);
    const has = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
    return `${platform} has no files.${root}${didYouMean(root, names)}; ${has}`;
  }
  return file.includes("‹") ? undefined : checkPath(file, path);
}

/** A path that leads nowhere else than it says. */
export function checkPath(file: string, path: string): string | undefined {
  const parts = path.split("/");
  const bad =
    file.startsWith("/") || path.includes("\0") || parts.some((part) => ["", ".", ".."].includes(part));
  return bad
    ? `${JSON.stringify(file)} is not a folder's name and a path of plain names below it`
    : undefined;
}

/** `logs/api.log (/var/log/lav/api.log)`. */
export function fileText(args: DisplayArgs, where: Where): string {
  const file = shown(args["file"]);
  const whole = wholePath(args, where);
  return whole === file ? file : `${file} (${whole})`;
}

/** The path as a person would type it. */
export function wholePath(args: DisplayArgs, { files }: Where): string {
  const file = shown(args["file"]);
  const { root, path } = placeOf(file);
  const folder = Object.hasOwn(files, root) ? files[root] : undefined;
  return folder === undefined ? file : `${folder.replace(/\/$/, "")}/${path}`;
}
