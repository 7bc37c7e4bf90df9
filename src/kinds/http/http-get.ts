import { defineKind, type Kind } from "../kind.ts";
import { curl } from "./http-curl.ts";
import {
  checkRequest,
  fullUrl,
  requestFields,
  requestOutputs,
  send,
  type RequestArgs,
  type RequestOutputs,
} from "./http-request.ts";
import { object } from "../../language/shape.ts";

export const httpGet: Kind = defineKind<RequestArgs, RequestOutputs>({
  name: "http.get",
  summary: "Ask an HTTP server",
  doc: [
    "A reply of any status is an answer: `expect: status == 200` says which one is wanted. A server that refuses, resets or stays silent past the deadline is a failed finding. No redirect is followed.",
    "`json` is there when the body is JSON; whole numbers are exact. An expression that reads it when it is missing is unknown, not false.",
  ].join("\n\n"),
  effect: "read",
  reaches: "address",
  args: object(requestFields, { primary: "url" }),
  outputs: requestOutputs,
  unreachable: "failed",
  undo: { how: "nothing" },
  check: checkRequest,
  plan: (args) => `http.get: GET ${fullUrl(args)}`,
  byHand: (args, where) => curl("GET", args, where),
  execute: async (args, context) => await send("GET", args, {}, undefined, context),
});
