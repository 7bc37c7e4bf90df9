import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runInside } from "./inside.ts";
import { only, Rig } from "./rig.ts";

let rig: Rig;
let shop: string;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.server.on("GET /", 200);
  shop = join(rig.folder, "shop");
  mkdirSync(shop);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const files = ["api-down.yaml", "platform.schema.json", "platform.yaml", "runbook.schema.json"];

/** A command in the new folder, where its files are found without being named. */
async function inShop(...args: readonly string[]): ReturnType<typeof runInside> {
  return await runInside(args, { cwd: shop, env: rig.env() });
}
const written = (): readonly string[] => readdirSync(join(shop, "runbooks")).toSorted();
const text = (name: string): string => readFileSync(join(shop, "runbooks", name), "utf8");

/** The port of the server that answers, published by a service. */
const composed = (): string =>
  `services:\n  db: { ports: ["5433:5432"], environment: { PASSWORD: hunter2 } }\n  api: { ports: ["${new URL(rig.server.url).port}:80"] }\n  worker: {}\n`;

describe("in an empty folder", () => {
  test.each([
    [["lint"], "runbooks does not exist; lav-ir init begins one\n"],
    [["run", "market-sentinel-down", "--dry-run"], "begin one with lav-ir init, or copy the example"],
  ])("%j says what begins", async (args, says) => {
    const { code, stderr } = await inShop(...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
  });

  test("what is written is checked, planned and run, by the commands that it prints", async () => {
    const { code, stdout, stderr } = await inShop("init");
    expect([code, stderr]).toEqual([0, ""]);
    expect(written()).toEqual(files);
    expect(stdout).toContain("http://localhost:3000 is an example: put your service's address into");
    const next = stdout.split("next:\n")[1]?.trimEnd().split("\n") ?? [];
    expect(next).toEqual(["  lav-ir lint", "  lav-ir run api-down --dry-run", "  lav-ir run api-down"]);
    expect(await inShop("lint")).toMatchObject({ code: 0, stdout: "1 runbook checked: no problems\n" });
    expect(await inShop("lint", "runbooks/platform.yaml")).toMatchObject({ code: 0, stderr: "" });
    expect(await inShop("run", "api-down", "--dry-run")).toMatchObject({ code: 0 });
  });

  test("with the right address the runbook is healthy", async () => {
    await inShop("init");
    const own = text("platform.yaml").replace("http://localhost:3000", rig.server.url);
    rig.file("shop/runbooks/platform.yaml", own);
    expect(await inShop("run", "api-down")).toMatchObject({ code: 0 });
  });

  test("each file has its schema beside it", async () => {
    await inShop("init");
    for (const name of ["api-down", "platform"]) {
      const [, schema = ""] =
        /^# yaml-language-server: \$schema=\.\/(\S+)\n/.exec(text(`${name}.yaml`)) ?? [];
      expect(JSON.parse(text(schema))).toMatchObject({ $id: expect.stringMatching(/^urn:lav-ir:/) });
    }
  });

  test("--json says what was written and what is next", async () => {
    const ended = await rig.run(["init", "shop", "--json"]);
    expect(ended.lines.filter(({ type }) => type === "init.file").map((one) => one["path"])).toEqual(
      ["platform.yaml", "api-down.yaml", "platform.schema.json", "runbook.schema.json"].map(
        (name) => `runbooks/${name}`,
      ),
    );
    expect(only(ended, "init.finished")["next"]).toEqual([
      "cd shop",
      "lav-ir lint",
      "lav-ir run api-down --dry-run",
      "lav-ir run api-down",
    ]);
  });
});

describe("beside a Compose file", () => {
  test("its services and published ports are read, and nothing else", async () => {
    rig.file("shop/compose.yaml", composed());
    const { code, stdout } = await inShop("init");
    expect([code, written()]).toEqual([0, files]);
    expect(stdout).toContain("services are from compose.yaml: names and published ports alone");
    expect(stdout).toContain("without a published port, and so a comment alone: worker");
    const platform = text("platform.yaml");
    expect(platform).toContain("\n  db: { url: http://localhost:5433, api: false }\n");
    expect(platform).toContain(`\n  api: ${rig.server.url.replace("127.0.0.1", "localhost")}\n`);
    expect(platform).toContain("compose: { project: shop, files: [../compose.yaml] }");
    expect(platform).not.toContain("hunter2");
    expect(await inShop("lint", "runbooks", "runbooks/platform.yaml")).toMatchObject({ code: 0, stderr: "" });
    const plan = await inShop("run", "api-down", "--dry-run");
    expect(plan.stdout).toContain("restart all instances of service api of Compose project shop");
  });

  test("one that cannot be used is named, and what it holds is not", async () => {
    rig.file("shop/docker-compose.yml", "services: [hunter2\n");
    const { code, stdout } = await inShop("init");
    expect([code, written()]).toEqual([0, files]);
    expect(stdout).toContain("note: docker-compose.yml is not used: it is not YAML\n");
    expect(stdout).not.toContain("hunter2");
  });

  test("without a published port an example is written, beside what runs it", async () => {
    rig.file("shop/compose.yaml", "services: { worker: {} }\n");
    expect((await inShop("init")).code).toBe(0);
    expect(text("platform.yaml")).toContain("# worker publishes no port");
    expect(await inShop("lint")).toMatchObject({ code: 0, stderr: "" });
    expect(await inShop("run", "api-down", "--dry-run")).toMatchObject({ code: 0 });
  });

  test.each(["on", "1", "0x1f", "null", "My_Web.2", "-y", "..."])(
    "a service called %s is written so that it is read again",
    async (name) => {
      rig.file("shop/compose.yaml", `services:\n  "${name}": { ports: ["80:80"] }\n`);
      expect((await inShop("init")).code).toBe(0);
      expect(await inShop("lint", "runbooks", "runbooks/platform.yaml")).toMatchObject({ stderr: "" });
    },
  );
});

describe("nothing is written", () => {
  test.each([["runbooks/platform.yaml"], ["runbooks/api-down.yaml"], ["platform.yaml"]])(
    "where %s is already there",
    async (path) => {
      mkdirSync(join(shop, "runbooks"));
      rig.file(`shop/${path}`, "mine\n");
      const { code, stderr } = await inShop("init");
      expect([code, stderr]).toEqual([2, `${path} is already there; nothing was written\n`]);
      expect(readFileSync(join(shop, path), "utf8")).toBe("mine\n");
      expect(written().length).toBe(path === "platform.yaml" ? 0 : 1);
    },
  );

  test("over a link, where it leads nowhere too", async () => {
    mkdirSync(join(shop, "runbooks"));
    symlinkSync(join(rig.folder, "elsewhere"), join(shop, "runbooks/platform.yaml"));
    const { code, stderr } = await inShop("init");
    expect([code, stderr]).toEqual([2, "runbooks/platform.yaml is already there; nothing was written\n"]);
    expect(existsSync(join(rig.folder, "elsewhere"))).toBe(false);
  });

  test("through a folder that is a link", async () => {
    mkdirSync(join(rig.folder, "elsewhere"));
    symlinkSync("../elsewhere", join(shop, "runbooks"));
    const { code, stderr } = await inShop("init");
    expect([code, stderr]).toEqual([2, `${shop}/runbooks is a link; nothing was written\n`]);
    expect(readdirSync(join(rig.folder, "elsewhere"))).toEqual([]);
  });

  test("where everybody could change it", async () => {
    chmodSync(shop, 0o777);
    const { code, stderr } = await inShop("init");
    expect(code).toBe(2);
    expect(stderr).toContain("everybody can write to it: chmod go-w");
    expect(readdirSync(shop)).toEqual([]);
  });

  test("below a file", async () => {
    rig.file("shop/a", "");
    const { code, stderr } = await inShop("init", "a/b");
    expect([code, stderr]).toEqual([2, `${shop}/a is not a folder; nothing was written\n`]);
  });

  test("where the last of them cannot be made: those before it are gone again", async () => {
    // A name that is longer than any file may have.
    rig.file("shop/compose.yaml", `services: { ${"a".repeat(260)}: { ports: ["80:80"] } }\n`);
    const { code, stderr } = await inShop("init");
    expect([code, stderr]).toEqual([2, expect.stringContaining("nothing was written")]);
    expect(readdirSync(shop)).toEqual(["compose.yaml"]);
  });
});

test("a folder that is not there is made, and what is next begins with it", async () => {
  const { code, stdout } = await rig.run(["init", "new place/inside"]);
  expect([code, stdout]).toEqual([
    0,
    expect.stringContaining("next:\n  cd 'new place/inside'\n  lav-ir lint\n"),
  ]);
  expect(lstatSync(join(rig.folder, "new place/inside/runbooks/platform.yaml")).mode & 0o777).toBe(0o644);
});

test("another platform file in the environment is named: the new one would not be used", async () => {
  const { stdout } = await rig.run(["init", "shop"], { env: { LAV_IR_CONFIG: "/etc/other.yaml" } });
  expect(stdout).toContain("note: /etc/other.yaml is used instead of runbooks/platform.yaml");
});
