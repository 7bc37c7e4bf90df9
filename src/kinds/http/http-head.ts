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

const { url, query, headers, token } = requestFields;

export const httpHead: Kind = defineKind<Omit<RequestArgs, "max_bytes">, RequestOutputs>({
  name: "http.head",
  summary: "Ask an HTTP server for its headers alone",
  doc: "As http.get, without the body: for a page that is large, or a check that must cost the server little. `body` is empty and `json` is missing.",
  effect: "read",
  reaches: "address",
  args: object({ url, query, headers, token }, { primary: "url" }),
  outputs: requestOutputs,
  unreachable: "failed",
  undo: { how: "nothing" },
  check: checkRequest,
  plan: (args) => `http.head: HEAD ${fullUrl(args)}`,
  byHand: (args, where) => curl("HEAD", args, where),
  execute: async (args, context) => await send("HEAD", { ...args, max_bytes: 0 }, {}, undefined, context),
});
