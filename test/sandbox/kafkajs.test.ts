import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Kafka } from "../../sandbox/kafkajs.ts";

let queue: RequestQueue;
beforeEach(() => {
  expect(Kafka).toBeTypeOf("function");
  queue = new RequestQueue({
    maxInFlightRequests: 1,
    requestTimeout: 1000,
    enforceRequestTimeout: false,
    clientId: "test",
    broker: "127.0.0.1:1",
    logger: { debug() {} },
  });
});
afterEach(() => queue.destroy());

test("a connection on which nothing waits arms no timer after a reply", () => {
  queue.checkPendingRequests();
  expect(queue.throttleCheckTimeoutId).toBeNull();
});

test("what waits, because the broker asked for a pause, is looked for again", () => {
  queue.throttledUntil = Date.now() + 60_000;
  queue.pending.push({});
  queue.checkPendingRequests();
  expect(queue.throttleCheckTimeoutId).not.toBeNull();
});
