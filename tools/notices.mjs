// The licences of the packages that are bundled into the program: their notices travel with their code.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @param {Iterable<string>} inputs paths of bundled files, relative to `root`, as esbuild's metafile has them
 * @param {string} root the project's folder
 * @returns {string} one text: each package's name, version, licence, and its notice in its own words
 */
export function noticesOf(inputs, root) {
  const folders = new Set();
  for (const input of inputs) {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  const packages = [...folders].map((folder) => packageAt(join(root, folder)));
  const sorted = packages.toSorted((a, b) => (a.title < b.title ? -1 : 1));
  return `lav-ir contains the packages below.\n\n${sorted.map(({ text }) => text).join("\n\n")}\n`;
}

function packageAt(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const title = `${name} ${version}`;
  const by = typeof author === "string" ? author : author?.name;
  const head = `${"=".repeat(72)}\n${title}, ${license ?? "no licence named"}${by === undefined ? "" : `, by ${by}`}`;
  const texts = readdirSync(folder)
    .filter((file) => /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i.test(file))
    .toSorted()
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  // Some packages ship none, and name their licence in package.json alone.
  const own = texts.length > 0 ? texts : existsSync(join(folder, "README.md")) ? [licenceIn(folder)] : [];
  return { title, text: [head, ...own.filter(Boolean)].join("\n\n") };
}

/** What a README says under a heading of that name. */
function licenceIn(folder) {
  const text = readFileSync(join(folder, "README.md"), "utf8");
  return /^#+\s*licen[cs]e\s*\n([\s\S]*?)(?=^#|$(?![\s\S]))/im.exec(text)?.[1]?.trim() ?? "";
}
