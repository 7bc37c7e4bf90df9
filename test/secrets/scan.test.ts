import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedactor } from "../../src/secrets/redactor.ts";
import { leftStanding, packedAs, SecretScan } from "../../src/secrets/scan.ts";

const secret = "kT9/xx+31fa Q";
const scan = new SecretScan([secret, "another-one"]);

describe("a known secret among bytes", () => {
  test("is found wherever it stands, in whatever shape", () => {
    const shapes = [
      Buffer.from(secret),
      Buffer.from(secret, "utf16le"),
      Buffer.from(encodeURIComponent(secret)),
      Buffer.from(Buffer.from(secret).toString("hex")),
      Buffer.from(Buffer.from(secret).toString("base64").replaceAll("=", "")),
    ];
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom(...shapes),
        fc.uint8Array({ maxLength: 40 }),
        (before, shape, after) => {
          const at = scan.find(Buffer.concat([before, shape, after]));
          expect(at).toBeGreaterThanOrEqual(0);
          expect(at).toBeLessThanOrEqual(before.length + 4);
        },
      ),
    );
  });

  test("is not found where it is not", () => {
    expect(scan.find(Buffer.from(secret.slice(1).repeat(3)))).toBe(-1);
    expect(scan.find(Buffer.alloc(0))).toBe(-1);
    expect(new SecretScan([]).find(Buffer.from("anything"))).toBe(-1);
  });

  test("does not count where a token spells it", () => {
    const word = createRedactor(["secret:known"]);
    const text = Buffer.from(word.text("what is secret:known"));
    expect(new SecretScan(["secret:known"]).find(text)).not.toBe(-1);
    expect(leftStanding(new SecretScan(["secret:known"]), text, word)).toBe(-1);
    expect(leftStanding(new SecretScan(["secret:known"]), Buffer.from("what is secret:known"), word)).toBe(8);
  });
});

test.each([
  ["1f8b0800", "gzip"],
  ["504b030414", "zip"],
  ["28b52ffd04", "zstd"],
  ["fd377a585a0000", "xz"],
])("what begins with %s is packed: %s", (hex, name) => {
  expect(packedAs(Buffer.from(hex, "hex"))).toContain(name);
  expect(packedAs(Buffer.from("plain text"))).toBeUndefined();
});

test("a word of a bag's own structure keeps no bag from being sealed", () => {
  expect(new SecretScan(["manifest"]).find(Buffer.from("0a  manifest-sha256.txt\n"))).toBe(-1);
  expect(new SecretScan(["manifests"]).find(Buffer.from("0a  manifests-sha256.txt\n"))).toBe(4);
});
