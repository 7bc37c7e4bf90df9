import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// What the pages for maintainers name is there: a file that moves takes its page along, or this fails.

const root = fileURLToPath(new URL("../", import.meta.url));
const pages = [
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** Fences that name files of another commit, or of nobody's. */
const apart = /^```(?:before|example)\n[\s\S]*?^```$/gm;
/** A fence whose files are told from `src/` on. */
const routes = /^```files\n([\s\S]*?)^```$/gm;
const paths = /(?<![\w./-])(?:\.ci|bench|bin|docs|runbooks|sandbox|src|test|tools)\/[\w./*-]*/g;
/** What a reader puts a name of their own for. */
const placeholder = /\/(?:FAMILY|NAME)\b.*$/;
const links = /\]\(([^)#:]+)(?:#[^)]*)?\)/g;

/** Every path of the repository that a page names. */
function named(page: string, text: string): readonly string[] {
  const own = text.replaceAll(apart, "");
  const inRoutes = [...own.matchAll(routes)].flatMap(([, block = ""]) => block.match(/[\w/-]+\.ts/g) ?? []);
  const plain = own.replaceAll(routes, "");
  return [
    ...inRoutes.map((file) => `src/${file}`),
    ...(plain.match(paths) ?? []).map((path) => path.replace(placeholder, "").replace(/[./]+$/, "")),
    ...[...plain.matchAll(links)].map(([, to = ""]) => normalize(join(dirname(page), to))),
  ];
}

/** Whether it is there; where a name has a star in it, whether its folder has one that fits. */
function isThere(path: string): boolean {
  if (!path.includes("*")) return existsSync(join(root, path));
  const folder = path.slice(0, path.lastIndexOf("/", path.indexOf("*")));
  const shape = path
    .slice(folder.length + 1)
    .replaceAll(".", "\\.")
    .replaceAll("**/", "(?:.*/)?");
  const fits = new RegExp(`^${shape.replaceAll(/(?<![.)])\*/g, "[^/]*")}$`);
  return (
    existsSync(join(root, folder)) &&
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).some((name) => fits.test(name))
  );
}

test.each(pages)("every path that %s names is there", (page) => {
  const text = readFileSync(join(root, page), "utf8");
  expect([...new Set(named(page, text))].filter((path) => !isThere(path))).toEqual([]);
});

test("every room has its line in docs/architecture.md", () => {
  const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const folders = (path: string): readonly string[] =>
    readdirSync(join(root, path), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${path}/${name}`);
  const rooms = [...folders("src").filter((room) => room !== "src/app"), ...folders("src/app")];
  expect(rooms.filter((room) => !text.includes(`\`${room}/\``))).toEqual([]);
});

test("the change log says nothing twice", () => {
  const heads = readFileSync(join(root, "CHANGELOG.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("* "))
    .map((line) => line.slice(0, 50));
  expect(heads.filter((head, at) => heads.indexOf(head) !== at)).toEqual([]);
});

test("a path that is not there is found, however it is named", () => {
  const text = [
    "`src/gone.ts`, test/**/*.gone.test.ts. See [it](gone.md#part), [the web](https://x.org/gone)",
    "```files\nrun  base/gone.ts base/result.ts\n```",
    "```before\nsrc/elsewhere.ts\n```",
  ].join("\n");
  expect(named("docs/page.md", text).filter((path) => !isThere(path))).toEqual([
    "src/base/gone.ts",
    "src/gone.ts",
    "test/**/*.gone.test.ts",
    "docs/gone.md",
  ]);
});
