import { formatDuration } from "../../base/duration.ts";
import type { Failure } from "../../base/failure.ts";
import { jsonText, type Json } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { defineKind, type Kind, type KindContext, type DisplayArgs } from "../kind.ts";
import { contentOf, contentType, curlData, type Content } from "./http-content.ts";
import { addressOf, shownAddress, type Address } from "./http-address.ts";
import { curl } from "./http-curl.ts";
import {
  checkRequest,
  checkUrl,
  fullUrl,
  notAbsolute,
  requestFields,
  requestOutputs,
  send,
  shownRequest,
  type RequestArgs,
  type RequestOutputs,
} from "./http-request.ts";
import { integer, json, list, map, object, oneOf, optional, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";

type ChangeMethod = "POST" | "PUT" | "PATCH" | "DELETE";

interface ChangeArgs extends RequestArgs, Content {
  readonly accept?: readonly number[];
  readonly before?: string;
  readonly undo?: { readonly method: ChangeMethod; readonly url: string; readonly json?: unknown };
}

const noUndo = "no undo request is given (undo:)";
/** A body in a plan or a preview is shown up to this many characters. */
const longestShown = 300;

const common = [
  "Sent once, on a connection of its own, with an Idempotency-Key that every attempt of the same step of the same run shares. No redirect is followed.",
  "Done when the status is below 300, or one of `accept`. 4xx: the server understood and refused, nothing happened. 5xx, 302, 303 and a reply that never came: nobody can say whether it happened, and a ladder stops there. 301, 307 and 308 point elsewhere without acting. For a server that differs, list the statuses that are a success in `accept`, and judge them with `expect`.",
  "`undo` is the request that takes it back; it is written to the undo runbook, with this step's token and headers when it goes to the same server. Without it the plan says irreversible. `before` is a URL that is read first, in the same way: its answer is shown in the question and kept in the journal. When it does not answer, that is what is shown and kept; the change is not held up by it.",
].join("\n\n");

/** A kind whose request changes something on the server. */
export function httpChange(method: ChangeMethod, summary: string): Kind {
  const name = `http.${method.toLowerCase()}`;
  return defineKind<ChangeArgs, RequestOutputs>({
    name,
    summary,
    doc: common,
    effect: "change",
    reaches: "address",
    args: object(
      {
        ...requestFields,
        json: optional(json(), "Body, sent as JSON"),
        form: optional(map(text()), "Body, sent as a form"),
        body: optional(text(), "Body, sent unchanged; give its Content-Type in `headers`"),
        accept: optional(
          list(integer({ min: 200, max: 599 }), { min: 1 }),
          "Statuses that are a success, instead of those below 300",
        ),
        before: optional(text({ template: "url" }), "URL that shows the state this replaces"),
        undo: optional(
          object({
            method: required(oneOf("POST", "PUT", "PATCH", "DELETE"), "Method that takes it back"),
            url: required(text({ template: "url" }), "Where to"),
            json: optional(json(), "Its body"),
          }),
          "The request that takes it back",
        ),
      },
      { primary: "url" },
    ),
    outputs: requestOutputs,
    did: ({ status, elapsed }) => `answered ${status} after ${formatDuration(Math.round(elapsed))}`,
    unreachable: "failed",
    retrySafe: "every attempt carries the same Idempotency-Key, by which the server knows a repetition",
    undo: {
      how: "steps",
      steps: undoSteps,
      irreversible: ({ undo }) => (undo === undefined ? noUndo : undefined),
    },
    check: checkChange,
    plan: (args) => {
      const content = contentOf(args);
      return `${name}: ${method} ${fullUrl(args)}${content === undefined ? "" : ` ${cut(content)}`}`;
    },
    byHand: (args, where) => curl(method, args, where, contentType(args), curlData(args)),
    capture: async (args, context) => ok(args.before === undefined ? null : await stateOf(args, context)),
    preview: async (args, context) => {
      const wrong = checkChange(shownRequest(args)) ?? notAbsolute(args);
      if (wrong !== undefined) return fail(argument(method, args.url, wrong));
      const url = fullUrl(shownRequest(args));
      const content = contentOf({ ...args });
      const { line, confirm } = destination(method, args.url, url);
      // Of an address that can be shown, the action says it.
      const via = typeof args.url === "string" ? undefined : context.where.via?.(addressOf(args.url));
      const lines = [
        line,
        ...(via === undefined ? [] : [`through proxy ${via}`]),
        ...(content === undefined ? [] : [`with ${cut(content)}`]),
        ...(args.before === undefined ? [] : [sentenceOf(args.before, await stateOf(args, context))]),
      ];
      const bound = { method, url, content: content ?? null, ...(via === undefined ? {} : { via }) };
      return ok({ lines, binding: bound, counters: {}, confirm });
    },
    execute: async (args, context) => {
      const wrong = checkChange(shownRequest(args)) ?? notAbsolute(args);
      if (wrong !== undefined) return fail(argument(method, args.url, wrong));
      const extra = { ...contentType({ ...args }), "idempotency-key": context.idempotencyKey };
      const reply = await send(method, args, extra, contentOf({ ...args }), context);
      return reply.ok ? judged(reply.value, args) : reply;
    },
  });
}

function checkChange(args: DisplayArgs): string | undefined {
  const bodies = ["json", "form", "body"].filter((name) => args[name] !== undefined);
  if (bodies.length > 1) return `${bodies.join(" and ")} are each a body; give one of them`;
  const undo = (args["undo"] ?? {}) as DisplayArgs;
  for (const [name, url] of [
    ["before", args["before"]],
    ["undo", undo["url"]],
  ] as const) {
    const wrong = url === undefined ? undefined : checkUrl(shown(url));
    if (wrong !== undefined) return `${name}: ${wrong}`;
  }
  return checkRequest(args);
}

function argument(method: string, url: Address, message: string): Failure {
  return { type: "argument", target: `${method} ${shownAddress(url)}`, message, effect: "none" };
}

/** Where it goes, and what a destructive one is confirmed by. @param full with its query, as it may be shown */
function destination(method: string, url: Address, full: string): { line: string; confirm: string } {
  if (typeof url !== "string") return { line: `sends ${method} to ${shownAddress(url)}`, confirm: url.name };
  const { host, pathname, search } = new URL(full);
  return { line: `sends ${method} ${pathname}${search} to ${host}`, confirm: host };
}

function judged(reply: RequestOutputs, args: ChangeArgs): Result<RequestOutputs> {
  const { status } = reply;
  if (args.accept === undefined ? status < 300 : args.accept.includes(status)) return ok(reply);
  const target = targetOf(args.url);
  const whole = reply.body.replaceAll(/\s+/g, " ").trim();
  const says = whole.length > longestShown ? `${whole.slice(0, longestShown)}…` : whole;
  const refused = (status >= 400 && status < 500) || status === 301 || status === 307 || status === 308;
  const effect = refused ? "none" : "unknown";
  if (status === 401 || status === 403 || status === 407) {
    return fail({ type: "denied", target, message: `${status} ${says}`.trim(), effect });
  }
  const location = reply.headers["location"];
  const message =
    status >= 300 && status < 400 && location !== undefined
      ? `it redirects${typeof args.url === "string" ? ` to ${location}` : ""}; redirects are not followed`
      : says === ""
        ? "it gave no reason"
        : says;
  return fail({ type: "rejected", target, code: String(status), message, effect });
}

function targetOf(url: Address): string {
  if (typeof url !== "string") return shownAddress(url);
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function undoSteps(args: ChangeArgs): readonly { readonly [verb: string]: Json }[] | undefined {
  const { undo } = args;
  if (undo === undefined) return undefined;
  const request = {
    url: undo.url,
    ...(undo.json === undefined ? {} : { json: undo.json as Json }),
    ...credentials(args, undo.url),
  };
  return [{ [`http.${undo.method.toLowerCase()}`]: request }];
}

/** The step's own headers and token, for the server they were meant for and no other. */
function credentials(
  { url, headers, token }: ChangeArgs,
  to: string,
): Pick<RequestArgs, "headers" | "token"> {
  const from = addressOf(url);
  if (!URL.canParse(from) || !URL.canParse(to) || new URL(to).origin !== new URL(from).origin) return {};
  return { ...(headers === undefined ? {} : { headers }), ...(token === undefined ? {} : { token }) };
}

/** What `before` answers now; that it does not answer is worth recording too. */
async function stateOf(args: ChangeArgs, context: KindContext): Promise<{ readonly [key: string]: Json }> {
  const { before = "", max_bytes } = args;
  const asked: RequestArgs = { url: before, max_bytes, ...credentials(args, before) };
  const reply = await send("GET", asked, {}, undefined, context);
  if (!reply.ok) return { url: before, failure: { ...reply.failure } };
  const { status, json: value, body } = reply.value;
  return { url: before, status, answer: value === undefined ? body : (value as Json) };
}

function sentenceOf(before: string, state: { readonly [key: string]: Json }): string {
  if (state["status"] === undefined) return `now: ${before} does not answer`;
  return `now: ${before} answers ${jsonText(state["status"])} ${cut(jsonText(state["answer"]))}`;
}

function cut(content: string): string {
  const line = shown(content).replaceAll(/\s+/g, " ");
  return line.length > longestShown ? `${line.slice(0, longestShown)}… (${line.length} characters)` : line;
}
