import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../program.ts";
import { collector, take, trusted } from "./bag.ts";

test("a sealed file is checked by programs that nobody here wrote: tar, sha256sum and ssh-keygen", async () => {
  const { sealed, snapshot } = await take(temporaryFolder(), [
    collector("one", ({ file }) => file("a.log", { kind: "text", keep: "newest" }).write("the first file\n")),
    collector("two", ({ file }) => file("empty.txt", { kind: "text", keep: "oldest" }).end()),
  ]);
  const folder = temporaryFolder();
  execFileSync("tar", ["xzf", sealed.path, "-C", folder]);
  const cwd = join(folder, snapshot.name);
  const check = ["--check", "--strict", "--quiet"];
  for (const manifest of ["manifest-sha256.txt", "tagmanifest-sha256.txt"]) {
    execFileSync("sha256sum", [...check, manifest], { cwd });
  }
  const base = sealed.path.replace(/\.tar\.gz$/, "");
  execFileSync("sha256sum", [...check, `${base}.sha256`], { cwd: join(sealed.path, "..") });
  const allowed = join(folder, "allowed");
  writeFileSync(allowed, [...trusted.keys()].map((key) => `tester ssh-ed25519 ${key}\n`).join(""));
  const whose = ["-f", allowed, "-I", "tester", "-n", "lav-ir-snapshot", "-s", `${base}.sig`];
  const said = execFileSync("ssh-keygen", ["-Y", "verify", ...whose], {
    input: readFileSync(sealed.path),
    encoding: "utf8",
  });
  expect(said).toContain('Good "lav-ir-snapshot" signature for tester');
});
