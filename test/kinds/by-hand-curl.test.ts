import { expect, test } from "vitest";
import { kinds } from "../../src/app/wiring/all-kinds.ts";
import { fit } from "../../src/language/value.ts";
import { args, where } from "./context.ts";
import { sampleOf } from "./samples.ts";

/** As the platform file of a service with an authority and a login has it. */
const curlOptions = (_url: string, login: boolean): readonly string[] => [
  "--cacert",
  "authority.pem",
  ...(login ? ["-u", "lav:x"] : []),
];

const lines = kinds.flatMap((kind) => {
  const { primary = "", bare, fields } = kind.args.spec;
  const sample = sampleOf(kind.name);
  const lone = typeof sample !== "object" || Array.isArray(sample) || bare === true;
  const given = Object.entries(lone ? { [primary]: sample } : (sample as object)).map(
    ([name, value]: [string, unknown]) => {
      const fitted = fields[name] === undefined ? undefined : fit(value, fields[name].shape);
      return [name, fitted?.ok === true ? fitted.value : value] as const;
    },
  );
  const access = { ...where.access, prometheus: { options: curlOptions("", true) } };
  const known = { ...where, access, curlOptions, book: "https://book.local" };
  return kind
    .byHand(args(kind, Object.fromEntries(given)), known)
    .split("\n")
    .filter((line) => line.includes("curl "))
    .map((line) => [kind.name, line] as const);
});

test.each(lines)("%s asks as lav-ir does, with the platform's authority and login: %s", (_kind, line) => {
  expect(line).toContain("--cacert authority.pem");
  if (!line.includes("Authorization")) expect(line).toContain("-u lav:x");
});
