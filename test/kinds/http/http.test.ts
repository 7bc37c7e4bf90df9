import type { RequestListener } from "node:http";
import { NoValue } from "../../../src/base/no-value.ts";
import { describe, expect, test } from "vitest";
import { effectOf } from "../../../src/base/failure.ts";
import { createHttp } from "../../../src/drivers/http/http.ts";
import { httpDelete } from "../../../src/kinds/http/http-delete.ts";
import { httpGet } from "../../../src/kinds/http/http-get.ts";
import { httpHead } from "../../../src/kinds/http/http-head.ts";
import { httpPost } from "../../../src/kinds/http/http-post.ts";
import { httpPut } from "../../../src/kinds/http/http-put.ts";
import type { Kind } from "../../../src/kinds/kind.ts";
import { closedPort, http } from "../../drivers/loopback.ts";
import { args, context, where } from "../context.ts";

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Answers everything with the same, and keeps what it was asked. */
async function answering(status: number, body: string, headers: Record<string, string> = {}) {
  const seen: Seen[] = [];
  const listener: RequestListener = (request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk) => (text += String(chunk)));
    request.on("end", () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body: text });
      response.writeHead(status, headers).end(body);
    });
  };
  return Object.assign(await http(listener), { seen });
}

async function run(kind: Kind, given: Readonly<Record<string, unknown>>) {
  return await kind.execute(args(kind, given), context({ http: createHttp() }));
}

async function outputs(kind: Kind, given: Readonly<Record<string, unknown>>) {
  const result = await run(kind, given);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

async function failure(kind: Kind, given: Readonly<Record<string, unknown>>) {
  const result = await run(kind, given);
  if (result.ok) throw new Error(`it answered ${String(result.value["status"])}`);
  return result.failure;
}

const asJson = { "content-type": "application/json" };

describe("a read", () => {
  test("is answered by any status", async () => {
    await using server = await answering(503, '{"up":false}', asJson);
    const seen = await outputs(httpGet, { url: server.url });
    expect(seen).toMatchObject({ status: 503, body: '{"up":false}', json: { up: false }, size: 12 });
  });

  test("sends its query encoded, after one the URL has", async () => {
    await using server = await answering(200, "");
    await outputs(httpGet, { url: `${server.url}/v?a=1#x`, query: { status: "a&b", limit: "50" } });
    expect(server.seen[0]?.url).toBe("/v?a=1&status=a%26b&limit=50");
  });

  test("sends a token, and the author's own headers before the tool's", async () => {
    await using server = await answering(200, "");
    await outputs(httpGet, { url: server.url, token: "s3cr3t", headers: { Accept: "text/plain" } });
    expect(server.seen[0]?.headers).toMatchObject({
      authorization: "Bearer s3cr3t",
      accept: "text/plain",
      "user-agent": "lav-ir",
    });
  });

  test("HEAD has headers and no body", async () => {
    await using server = await answering(200, "", { "x-version": "7" });
    expect(await outputs(httpHead, { url: server.url })).toMatchObject({
      status: 200,
      headers: { "x-version": "7" },
      body: "",
    });
    expect(server.seen[0]?.method).toBe("HEAD");
  });

  test("a whole number comes back digit for digit, others as doubles", async () => {
    await using server = await answering(
      200,
      '{"id":9007199254740993,"n":3,"x":1.5,"far":1e3,"big":100000000000000000000}',
    );
    const { json } = await outputs(httpGet, { url: server.url });
    expect(json).toEqual({ id: 9007199254740993n, n: 3n, x: 1.5, far: 1000, big: 1e20 });
  });

  test("a number that neither can hold is the text of its digits, never another number", async () => {
    await using server = await answering(200, '{"order":12345678901234567891,"far":1e999}', asJson);
    const { json } = await outputs(httpGet, { url: server.url });
    expect(json).toEqual({ order: "12345678901234567891", far: "1e999" });
  });

  test.each([
    ["not JSON", "<html>", asJson],
    ["cut off JSON", '{"a":', asJson],
    ["a text that says nothing of JSON", "17", { "content-type": "text/plain" }],
  ])("%s has no json", async (_what, body, headers) => {
    await using server = await answering(200, body, headers);
    const { json } = await outputs(httpGet, { url: server.url });
    // One that calls itself JSON has a reason instead.
    expect(json === undefined || json instanceof NoValue).toBe(true);
    expect(json === undefined).toBe(!/json/.test(JSON.stringify(headers ?? {})));
  });

  test("a body that was cut has no json, and ends at a whole character", async () => {
    await using server = await answering(200, '"ää"', asJson);
    const seen = await outputs(httpGet, { url: server.url, max_bytes: 4 });
    expect(seen).toMatchObject({ truncated: true, body: '"ä', size: 4 });
    expect(seen["json"]).toMatchObject({ why: expect.stringContaining("it was cut at max_bytes") });
  });

  test("Latin-1 that says so is read as such", async () => {
    await using server = await http((_request, response) => {
      response.writeHead(200, { "content-type": "text/plain; charset=iso-8859-1" }).end(Buffer.from([0xe4]));
    });
    expect(await outputs(httpGet, { url: server.url })).toMatchObject({ body: "ä" });
  });

  test("refused is unreachable, which is a failed finding", async () => {
    const url = `http://127.0.0.1:${await closedPort()}/`;
    expect(await failure(httpGet, { url })).toMatchObject({ type: "unreachable", cause: "refused" });
    expect(httpGet.unreachable).toBe("failed");
  });
});

describe("what is refused here, before any request", () => {
  test.each([
    ["an empty token", { token: "" }, "the token is empty; nothing was sent"],
    ["a blank token", { token: " \n" }, "the token is empty; nothing was sent"],
    [
      "two authorisations",
      { token: "x", headers: { authorization: "Basic y" } },
      "token and an Authorization header mean the same; give one of them",
    ],
    ["two bodies", { json: {}, body: "x" }, "json and body are each a body; give one of them"],
  ])("%s", async (_what, given, message) => {
    await using server = await answering(200, "");
    const failed = await failure(httpPost, { url: server.url, ...given });
    expect(failed).toMatchObject({ type: "argument", message, effect: "none" });
    expect(server.seen).toEqual([]);
  });

  test.each([
    ["of a value put together", "/api/orders/.."],
    ["with an escape", "/api/orders/%2e%2E"],
    ["between backslashes", "/api/orders\\..\\x"],
    ["with an escaped slash", "/api/orders/..%2Fx"],
    ["with a tab in it", "/api/orders/.\t."],
    ["that stays where it is", "/api/orders/./x"],
  ])("faults 1: a URL that leads to another path: %s", async (_how, path) => {
    await using server = await answering(200, "");
    const url = `${server.url.replace(/\/$/, "")}${path}`;
    expect(httpDelete.check?.({ url }, where)).toMatch(/^"\.\.?" in its path would lead to another path$/);
    expect(await failure(httpDelete, { url })).toMatchObject({ type: "argument", effect: "none" });
    expect(server.seen).toEqual([]);
  });

  test.each(["/a..b/.c/...", "/?next=../x", "/#/../x"])("a URL that leads where it says: %s", (path) => {
    expect(httpDelete.check?.({ url: `http://h${path}` }, where)).toBeUndefined();
  });

  test("a plan knows it too, and waits with what it does not know yet", () => {
    expect(httpGet.check?.({ url: "localhost:3000/health" }, where)).toBe(
      "localhost:3000/health is not an absolute http or https URL",
    );
    expect(httpGet.check?.({ url: "‹steps.a.url›/health" }, where)).toBeUndefined();
    expect(httpPost.check?.({ url: "http://x/", json: {}, form: {} }, where)).toMatch(/each a body/);
    expect(httpPost.check?.({ url: "http://x/", before: "/x" }, where)).toMatch(/^before: \/x is not/);
    expect(httpPost.check?.({ url: "http://x/", undo: { method: "PUT", url: "x" } }, where)).toMatch(
      /^undo: x is/,
    );
  });
});

describe("a change", () => {
  test("sends JSON with its type and the step's idempotency key", async () => {
    await using server = await answering(201, "");
    await outputs(httpPost, { url: server.url, json: { id: 9007199254740993n, regime: "RISK_OFF" } });
    expect(server.seen[0]).toMatchObject({
      method: "POST",
      body: '{"id":9007199254740993,"regime":"RISK_OFF"}',
      headers: { "content-type": "application/json", "idempotency-key": "run-1-abc" },
    });
  });

  test("keeps an idempotency key of the author's own, whatever its case", async () => {
    await using server = await answering(200, "");
    await outputs(httpPut, { url: server.url, headers: { "Idempotency-KEY": "mine" } });
    expect(server.seen[0]?.headers["idempotency-key"]).toBe("mine");
  });

  test("sends a form", async () => {
    await using server = await answering(200, "");
    await outputs(httpPost, { url: server.url, form: { To: "+49 1", Body: "a&b" } });
    expect(server.seen[0]).toMatchObject({
      body: "To=%2B49+1&Body=a%26b",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
  });

  test.each([
    [400, "rejected", "none"],
    [401, "denied", "none"],
    [409, "rejected", "none"],
    [500, "rejected", "unknown"],
    [503, "rejected", "unknown"],
    [302, "rejected", "unknown"],
    [307, "rejected", "none"],
  ])("answered %i is %s, effect %s", async (status, type, effect) => {
    await using server = await answering(status, "no\n  way", { location: "/login" });
    const failed = await failure(httpPost, { url: `${server.url}/x?q=1` });
    expect(failed).toMatchObject({ type, target: `${server.url}/x` });
    expect(effectOf(failed)).toBe(effect);
    expect(failed).toMatchObject({
      message: expect.stringContaining(status < 400 ? "it redirects to /login" : "no way"),
    });
  });

  test("an author may say which statuses are a success", async () => {
    await using server = await answering(404, "");
    expect(await outputs(httpDelete, { url: server.url, accept: [200, 404] })).toMatchObject({ status: 404 });
    await using other = await answering(202, "");
    expect(await failure(httpDelete, { url: other.url, accept: [200, 404] })).toMatchObject({ code: "202" });
  });

  test("is asked for with what goes where, and what is there now", async () => {
    await using server = await answering(200, '{"regime":"CRISIS"}', asJson);
    const given = args(httpPost, {
      url: `${server.url}/api/regime`,
      json: { regime: "RISK_OFF" },
      before: `${server.url}/api/regime/current`,
      token: "s3cr3t",
    });
    const preview = await httpPost.preview?.(given, context({ http: createHttp() }));
    expect(preview).toEqual({
      ok: true,
      value: {
        lines: [
          `sends POST /api/regime to 127.0.0.1:${server.port}`,
          'with {"regime":"RISK_OFF"}',
          `now: ${server.url}/api/regime/current answers 200 {"regime":"CRISIS"}`,
        ],
        binding: { method: "POST", url: `${server.url}/api/regime`, content: '{"regime":"RISK_OFF"}' },
        counters: {},
        confirm: `127.0.0.1:${server.port}`,
      },
    });
    expect(server.seen.map(({ method }) => method)).toEqual(["GET"]);
  });

  test("shows a `before` of another server no token", async () => {
    await using server = await answering(200, "");
    await using other = await answering(200, "");
    const given = { token: "s3cr3t", headers: { "x-key": "k" } };
    for (const before of [server.url, other.url]) {
      await httpPost.capture?.(
        args(httpPost, { url: server.url, before, ...given }),
        context({ http: createHttp() }),
      );
    }
    expect(server.seen[0]?.headers).toMatchObject({ authorization: "Bearer s3cr3t", "x-key": "k" });
    expect(other.seen[0]?.headers).not.toHaveProperty("authorization");
    expect(other.seen[0]?.headers).not.toHaveProperty("x-key");
  });

  test("is not held up by a `before` that does not answer", async () => {
    const before = `http://127.0.0.1:${await closedPort()}/`;
    const captured = await httpPost.capture?.(
      args(httpPost, { url: before, before }),
      context({ http: createHttp() }),
    );
    expect(captured).toMatchObject({ ok: true, value: { url: before, failure: { cause: "refused" } } });
  });
});

describe("undo", () => {
  const undo = { method: "DELETE", url: "http://h/api/hold", json: { all: true } };

  test("goes to another server without what this one was given", () => {
    if (httpPost.undo.how !== "steps") throw new Error("it has no steps");
    const given = { url: "http://other/", token: "t", headers: { "x-op": "me" }, undo };
    expect(httpPost.undo.steps(given, null)).toEqual([{ "http.delete": { url: undo.url, json: undo.json } }]);
  });

  test("is the request given, with the step's own token and headers", () => {
    if (httpPost.undo.how !== "steps") throw new Error("it has no steps");
    const given = { url: "http://h/", token: "t", headers: { "x-op": "me" }, undo };
    expect(httpPost.undo.steps(given, null)).toEqual([
      { "http.delete": { url: undo.url, json: undo.json, headers: { "x-op": "me" }, token: "t" } },
    ]);
    expect(httpPost.undo.irreversible?.(given)).toBeUndefined();
  });

  test("without one there is none, and the plan says so", () => {
    if (httpPost.undo.how !== "steps") throw new Error("it has no steps");
    expect(httpPost.undo.steps({ url: "http://h/" }, null)).toBeUndefined();
    expect(httpPost.undo.irreversible?.({ url: "http://h/" })).toBe("no undo request is given (undo:)");
  });
});

describe("in words", () => {
  const given = {
    url: "http://h:3001/api/x",
    query: { at: "‹vars.at›", of: "a b" },
    headers: { "X-Key": "$API_KEY" },
    token: "$EMERGENCY_TOKEN",
    json: { note: "it's $HOME `now`" },
  };

  test("a plan says exactly what goes where", () => {
    expect(httpPost.plan(given, where)).toBe(
      'http.post: POST http://h:3001/api/x?at=‹vars.at›&of=a%20b {"note":"it\'s $HOME `now`"}',
    );
  });

  test("by hand it is curl, in which only secrets are left to the shell", () => {
    expect(httpPost.byHand(given, where)).toBe(
      `curl -sS -i -X POST -H 'content-type: application/json' -H "Authorization: Bearer $EMERGENCY_TOKEN" -H "X-Key: $API_KEY" --data-raw '{"note":"it'\\''s $HOME \`now\`"}' 'http://h:3001/api/x?at=‹vars.at›&of=a%20b'`,
    );
    expect(httpGet.byHand({ url: "http://h/a?q={x}" }, where)).toBe("curl -sS -i -g 'http://h/a?q={x}'");
    expect(httpHead.byHand({ url: "http://h/" }, where)).toBe("curl -sS -I http://h/");
    expect(httpPost.byHand({ url: "http://h/", form: { a: "b c" } }, where)).toBe(
      "curl -sS -i -X POST -H 'content-type: application/x-www-form-urlencoded' --data-urlencode 'a=b c' http://h/",
    );
  });
});
