// Builds lav-ir as one executable that needs no Node: dist-binary/lav-ir, with the runbooks beside it.
// The compiler comes from npm and is kept for the next time. The source goes into it as it is: nothing of build.mjs's
// rewriting is needed, since this runtime keeps compiled code of ES modules. Its entry is src/cli/binary.ts; where the
// program asks which runtime it has, it is for what differs there: the user's name, and how it starts itself again.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { commitOf } from "./commit.mjs";

const bunVersion = "1.4.5";
const root = fileURLToPath(new URL("../", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const cache = join(root, ".cache", `bun-${bunVersion}`);
const bun = join(cache, "node_modules", "@oven", `bun-${process.platform}-${process.arch}`, "bin", "bun");
const outdir = join(root, "dist-binary");

if (!existsSync(bun)) {
  mkdirSync(cache, { recursive: true });
  const install = ["install", "--prefix", cache, "--no-save", "--ignore-scripts", `bun@${bunVersion}`];
  run("npm", install, "the compiler could not be installed");
}
rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir);
const known = { LAV_IR_VERSION: version, LAV_IR_COMMIT: commitOf(root) };
const define = [
  ...Object.entries(known).flatMap(([name, value]) => ["--define", `${name}=${JSON.stringify(value)}`]),
  "--external",
  "pg-native",
];
// In pieces, so that a halt reads none but its own. And nothing of the folder it is started in is read: a
// .env that lies there is not what the operator's shell says.
const apart = ["--splitting", "--format=esm", "--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
const small = ["--bytecode", "--minify-syntax", "--minify-whitespace"];
const compile = ["build", "--compile", ...apart, ...small, ...define];
run(
  bun,
  [...compile, "--outfile", join(outdir, "lav-ir"), join(root, "src", "cli", "binary.ts")],
  "not built",
);
cpSync(join(root, "runbooks"), join(outdir, "runbooks"), { recursive: true });

function run(program, args, problem) {
  const ran = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  if (ran.status === 0) return;
  process.stderr.write(`${ran.stdout ?? ""}${ran.stderr ?? ""}${ran.error?.message ?? ""}\n${problem}\n`);
  process.exit(1);
}
