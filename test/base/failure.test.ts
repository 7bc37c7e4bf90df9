import { expect, test } from "vitest";
import { effectOf, failureText, type Failure, type Happened } from "../../src/base/failure.ts";

const target = "http://localhost:3001/health";
type Row = readonly [Failure, string, Happened];

/** One row at least for every member of the union: a new one does not compile without its row. */
const rows: { readonly [T in Failure["type"]]: readonly Row[] } = {
  unreachable: [
    [
      { type: "unreachable", target, cause: "refused", message: "connection refused" },
      "http://localhost:3001/health does not answer: connection refused",
      "none",
    ],
    [
      { type: "unreachable", target, cause: "dns", message: "no such host" },
      "http://localhost:3001/health does not answer: no such host",
      "none",
    ],
    [
      { type: "unreachable", target, cause: "reset", message: "reset in the middle" },
      "http://localhost:3001/health does not answer: reset in the middle",
      "unknown",
    ],
    [
      { type: "unreachable", target, cause: "closed", message: "closed" },
      "http://localhost:3001/health does not answer: closed",
      "unknown",
    ],
  ],
  timeout: [
    [
      { type: "timeout", target, after: 5000, doing: "GET" },
      "http://localhost:3001/health timed out after 5s (GET)",
      "unknown",
    ],
    [
      { type: "timeout", target, after: 90_000, doing: "GET", effect: "none" },
      "http://localhost:3001/health timed out after 1m30s (GET)",
      "none",
    ],
  ],
  denied: [
    [
      { type: "denied", target: "PostgreSQL at h:1", message: "wrong password" },
      "PostgreSQL at h:1 refused access: wrong password",
      "none",
    ],
  ],
  unreadable: [
    [
      { type: "unreadable", target, message: "not JSON", sample: "<html>" },
      "http://localhost:3001/health sent an unreadable reply: not JSON",
      "unknown",
    ],
  ],
  rejected: [
    [
      { type: "rejected", target, code: "409", message: "already halted" },
      "http://localhost:3001/health rejected the request (409): already halted",
      "none",
    ],
    [
      { type: "rejected", target, message: "no" },
      "http://localhost:3001/health rejected the request: no",
      "none",
    ],
  ],
  missing: [
    [{ type: "missing", target: "topic x", message: "there is no topic x" }, "there is no topic x", "none"],
  ],
  exit: [
    [
      { type: "exit", target: "docker-compose", code: 1, signal: null, stderr: "first\nlast line\n" },
      "docker-compose exited with 1: last line",
      "none",
    ],
    [
      { type: "exit", target: "docker-compose", code: null, signal: "SIGKILL", stderr: "" },
      "docker-compose was killed by SIGKILL",
      "unknown",
    ],
  ],
  overflow: [
    [
      { type: "overflow", target, limit: 1024, message: "more than 1 KiB" },
      "http://localhost:3001/health: more than 1 KiB",
      "unknown",
    ],
  ],
  expectation: [
    [
      { type: "expectation", target: "health", expression: "status == 200", message: "status is 503" },
      "status is 503",
      "unknown",
    ],
  ],
  expression: [
    [
      { type: "expression", target: "health", expression: "a.b == 1", message: "b is missing" },
      "b is missing in a.b == 1",
      "unknown",
    ],
  ],
  argument: [
    [
      { type: "argument", target: "wait", message: "for must be a duration" },
      "wait: for must be a duration",
      "none",
    ],
  ],
  "approval-needed": [
    [
      { type: "approval-needed", target, digest: "ab12", message: "nobody is there to ask" },
      "nobody is there to ask",
      "none",
    ],
  ],
  declined: [[{ type: "declined", target, message: "not confirmed" }, "not confirmed", "none"]],
  interrupted: [[{ type: "interrupted", target, message: "interrupted" }, "interrupted", "unknown"]],
  interlock: [
    [
      { type: "interlock", target, message: "trading is not halted", meets: "lav-ir halt-all" },
      "trading is not halted; run lav-ir halt-all first",
      "none",
    ],
  ],
};

test.each(Object.values(rows).flat())("%o", (failure, sentence, effect) => {
  expect(failureText(failure)).toBe(sentence);
  expect(effectOf(failure)).toBe(effect);
});

test("a driver that knows better is believed, either way", () => {
  expect(effectOf({ type: "rejected", target, message: "half done", effect: "unknown" })).toBe("unknown");
  expect(effectOf({ type: "unreachable", target, cause: "reset", message: "", effect: "none" })).toBe("none");
});
