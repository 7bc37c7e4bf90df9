/** A URL that is one whole secret: requests go there, and nobody reads of it more than its name. */
import { createServer as createTlsServer } from "node:tls";
import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { createHttp } from "../../../src/drivers/http/http.ts";
import { whyNoAddress } from "../../../src/kinds/http/http-address.ts";
import { httpDelete } from "../../../src/kinds/http/http-delete.ts";
import { httpGet } from "../../../src/kinds/http/http-get.ts";
import { httpHead } from "../../../src/kinds/http/http-head.ts";
import { httpPatch } from "../../../src/kinds/http/http-patch.ts";
import { httpPost } from "../../../src/kinds/http/http-post.ts";
import { httpPut } from "../../../src/kinds/http/http-put.ts";
import type { Kind } from "../../../src/kinds/kind.ts";
import { Secret } from "../../../src/secrets/secret.ts";
import { selfSigned } from "../../drivers/certificate.ts";
import { closedPort, http, listening, tcp } from "../../drivers/loopback.ts";
import { args, context, where } from "../context.ts";

const path = "/services/T0001/violet-harbour-17";
const kinds = [httpDelete, httpGet, httpHead, httpPatch, httpPost, httpPut];

function given(kind: Kind, url: string, more: Readonly<Record<string, unknown>> = {}) {
  return args(kind, { url: new Secret("SLACK_WEBHOOK", url), ...more });
}

async function everythingSaid(kind: Kind, url: string, ca?: string): Promise<string> {
  const settings = context({ http: createHttp(ca === undefined ? {} : { ca }) });
  const whole = given(kind, url);
  return JSON.stringify([
    await kind.preview?.(whole, settings),
    await kind.capture?.(whole, settings),
    await kind.execute(whole, settings),
  ]);
}

describe.each(kinds.map((kind) => [kind.name, kind] as const))("%s", (_name, kind) => {
  test("sends to it, with its query", async () => {
    const seen: (string | undefined)[] = [];
    const listener: RequestListener = (request, response) => {
      seen.push(request.url);
      response.end();
    };
    await using server = await http(listener);
    const url = `${server.url}${path}?wait=true`;
    expect(await kind.execute(given(kind, url), context({ http: createHttp() }))).toMatchObject({ ok: true });
    expect(seen).toEqual([`${path}?wait=true`]);
  });

  test("says nothing of it when nothing answers, and when it is answered with no", async () => {
    const closed = await closedPort();
    await using refusing = await http((_request, response) => response.writeHead(403).end("no"));
    await using redirecting = await http((request, response) => {
      response.writeHead(302, { location: `${request.url}/b` }).end();
    });
    await using strange = await tcp((socket) => socket.once("data", (bytes) => socket.end(bytes)));
    for (const port of [closed, refusing.port, redirecting.port, strange.port]) {
      const said = await everythingSaid(kind, `http://127.0.0.1:${port}${path}`);
      // What a server answers is an output; a run's redactor looks at that.
      const own = said.replaceAll(/"outputs"|"location":"[^"]*"/g, "");
      expect(own).not.toMatch(/violet|services|127\.0\.0\.1/);
      expect(own).not.toContain(`:${port}`);
    }
    const nowhere = await everythingSaid(kind, `http://violet-host.invalid${path}`);
    expect(nowhere).toContain("$SLACK_WEBHOOK");
    expect(nowhere).not.toContain("violet");
  });

  test("says nothing of the names in its certificate", async () => {
    const { key, cert } = selfSigned();
    await using server = await listening(createTlsServer({ key, cert }), "https");
    for (const ca of [cert, undefined]) {
      const said = await everythingSaid(kind, `https://localhost:${server.port}${path}`, ca);
      expect(said).toContain("its certificate is");
      expect(said).not.toMatch(/violet|services|localhost|127\.0\.0\.1/);
    }
  });

  test("is planned and typed by its name", () => {
    const shown = { url: "$SLACK_WEBHOOK" };
    expect(kind.check?.(shown, where)).toBeUndefined();
    expect(kind.plan(shown, where)).toMatch(/^http\.\w+: [A-Z]+ \$SLACK_WEBHOOK$/);
    expect(kind.byHand(shown, where)).toMatch(/^curl -sS -[iI] -g .*"\$SLACK_WEBHOOK"$/);
    expect(kind.check?.({ ...shown, query: { a: "b" } }, where)).toBe(
      "a URL that is a secret has its query in it; leave out query",
    );
  });

  test("a text that only looks like a name is no address", async () => {
    const settings = context({ http: createHttp() });
    for (const call of [kind.preview, kind.execute]) {
      const result = await call?.(args(kind, { url: "$SLACK_WEBHOOK" }), settings);
      if (result !== undefined)
        expect(result).toMatchObject({
          ok: false,
          failure: { type: "argument", message: "$SLACK_WEBHOOK is not an absolute http or https URL" },
        });
    }
  });
});

test("consent is asked by the name, and given by typing it", async () => {
  const preview = await httpPost.preview?.(
    given(httpPost, `http://violet-host${path}`, { json: { text: "up" } }),
    context({ http: createHttp() }),
  );
  expect(preview).toEqual({
    ok: true,
    value: {
      lines: ["sends POST to $SLACK_WEBHOOK", 'with {"text":"up"}'],
      binding: { method: "POST", url: "$SLACK_WEBHOOK", content: '{"text":"up"}' },
      counters: {},
      confirm: "SLACK_WEBHOOK",
    },
  });
});

test.each([
  ["https://hooks.example/services/a", undefined],
  ["HTTP://hooks.example", undefined],
  ["hooks.example/services/a", "is not an absolute http or https URL"],
  ["ftp://hooks.example/a", "is not an absolute http or https URL"],
  ["https://", "is not an absolute http or https URL"],
  ["https:\\\\hooks.example", "is not an absolute http or https URL"],
  ['"https://hooks.example"', "is not an absolute http or https URL"],
  ["https://hooks.example/a b", "has a blank in it, which no URL has"],
  ["https://hooks.example/a ", "has a blank in it, which no URL has"],
  ["https://u:p@hooks.example/a", "contains a login; send it in a header"],
  ["https://hooks.example@evil.example/a", "contains a login; send it in a header"],
])("%s: %s", (url, why) => {
  expect(whyNoAddress(url)).toBe(why);
});
