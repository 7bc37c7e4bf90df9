import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { projectOf, servicesBeside, servicesOfText } from "../../src/platform/services-beside.ts";

/** The first port that a service publishes, as `HOST:PORT>INSIDE`. */
function published(ports: string): string | undefined {
  const found = servicesOfText("compose.yaml", `services:\n  api:\n    ports: ${ports}\n`);
  if (typeof found === "string") return found;
  const at = found.services[0]?.at;
  return at === undefined ? undefined : `${at.host}:${at.port}>${at.inside}`;
}

test.each([
  ['["8080:80"]', "localhost:8080>80"],
  ['["8080:80/tcp"]', "localhost:8080>80"],
  ['["127.0.0.1:8080:80"]', "localhost:8080>80"],
  ['["0.0.0.0:8080:80"]', "localhost:8080>80"],
  ['["10.0.0.5:8080:80"]', "10.0.0.5:8080>80"],
  ['["[::1]:8080:80"]', "localhost:8080>80"],
  ['["3000-3005:4000-4005"]', "localhost:3000>4000"],
  ["[{ target: 80, published: 8080 }]", "localhost:8080>80"],
  ['[{ target: 80, published: "8080-8090", host_ip: "fd00::1" }]', "[fd00::1]:8080>80"],
  ['["${PORT:-8080}:80"]', "localhost:8080>80"],
  ['["${BIND-127.0.0.1}:8080:80"]', "localhost:8080>80"],
  ['["53:53/udp", "8080:80"]', "localhost:8080>80"],
  ["[{ target: 53, published: 53, protocol: udp }, { target: 80, published: 8080 }]", "localhost:8080>80"],
  // The engine chooses a port, or only the environment knows it: no address is made up.
  ['["80"]', undefined],
  ["[80]", undefined],
  ['["${PORT}:80"]', undefined],
  ["[{ target: 80 }]", undefined],
  ['["70000:80"]', undefined],
  ['[{ target: 80, published: 8080, host_ip: "a b" }]', undefined],
  ["[]", undefined],
  ["8080", undefined],
  ["null", undefined],
])("ports: %s is %s", (ports, at) => {
  expect(published(ports)).toBe(at);
});

test("services and ports that are merged in are read; an extension is no service", () => {
  const text = [
    "name: shop",
    "x-web: &web",
    '  ports: ["8080:80"]',
    "services:",
    "  x-note: {}",
    "  api: { <<: *web }",
    "  worker: &worker { image: w }",
    "  second: *worker",
    "  nothing:",
    '  "no ${name}": {}',
  ].join("\n");
  expect(servicesOfText("compose.yml", text)).toEqual({
    file: "compose.yml",
    project: "shop",
    services: [
      { name: "api", at: { host: "localhost", port: 8080, inside: 80 } },
      { name: "worker" },
      { name: "second" },
      { name: "nothing" },
    ],
  });
});

test.each([
  ["no YAML", "services: [", "it is not YAML"],
  ["a list", "- a\n", "it has no services"],
  ["nothing", "", "it has no services"],
  ["services that are a word", "services: hunter2\n", "it has no services"],
  ["a map that is merged into itself", "services: &a\n  <<: *a\n  api: &b { <<: [*a, *b] }\n", undefined],
])("%s: a sentence, and nothing of what is in it", (_what, text, says) => {
  const found = servicesOfText("compose.yaml", text);
  if (says === undefined) expect(found).toMatchObject({ file: "compose.yaml" });
  else expect(found).toBe(`compose.yaml is not used: ${says}`);
});

test.each([
  ["/home/ada/Shop Front", "shopfront"],
  ["/srv/_my-shop_2", "my-shop_2"],
  ["/srv/Ü", "default"],
])("the project of %s is %s, as Compose names it", (folder, name) => {
  expect(projectOf(folder)).toBe(name);
});

describe("in a folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lav-ir-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("none is there", async () => {
    expect(await servicesBeside(folder)).toBeUndefined();
  });

  test("of several the one that Compose takes", async () => {
    writeFileSync(join(folder, "docker-compose.yml"), "services: { old: {} }\n");
    expect(await servicesBeside(folder)).toMatchObject({ services: [{ name: "old" }] });
    writeFileSync(join(folder, "compose.yaml"), "services: { new: {} }\n");
    expect(await servicesBeside(folder)).toMatchObject({ file: "compose.yaml", services: [{ name: "new" }] });
  });

  test("what can never be read to its end is not waited for", async () => {
    symlinkSync("/dev/zero", join(folder, "compose.yaml"));
    expect(await servicesBeside(folder)).toBe("compose.yaml is not used: it cannot be read");
  });
});
