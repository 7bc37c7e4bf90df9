import { expect, test } from "vitest";
import { partsOfUrl } from "../../src/secrets/url-parts.ts";

test.each([
  [
    "https://hooks.example/services/T0001/violet-harbour-17?wait=true",
    [
      "/services/T0001/violet-harbour-17?wait=true",
      "/services/T0001/violet-harbour-17",
      "wait=true",
      "violet-harbour-17",
    ],
  ],
  [
    "HTTPS://hooks.example/hook?key=violet-harbour-17",
    ["/hook?key=violet-harbour-17", "key=violet-harbour-17", "violet-harbour-17"],
  ],
  ["https://hooks.example/", []],
  ["https://hooks.example", []],
  ["violet-harbour-17", []],
  ["postgres://h/violet-harbour-17", []],
  ["https://hooks.example/a b", []],
])("%s", (secret, parts) => {
  expect(partsOfUrl(secret)).toEqual(parts);
});
