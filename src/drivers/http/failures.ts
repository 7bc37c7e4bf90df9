import type { Failure } from "../../base/failure.ts";
import { errorCode, messageOf, networkFailure } from "../network.ts";
import type { Stage } from "./stage.ts";

/** What an error of undici, of a socket or of TLS means for the operator. */
export function failureOf(target: string, error: unknown, stage: Stage): Failure {
  const code = errorCode(error) ?? "";
  const network = networkFailure(target, error);
  if (network?.type === "unreachable" && stage === "reading the reply") {
    return { ...network, message: `${network.message} in the middle of its reply` };
  }
  if (network !== undefined) return network;
  if (code === "UND_ERR_INVALID_ARG") {
    return { type: "argument", target, message: messageOf(error), effect: "none" };
  }
  if (error instanceof Error && error.name === "HTTPParserError") {
    return { type: "unreadable", target, message: "this is not HTTP", sample: sampleOf(error) };
  }
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    return { type: "unreadable", target, message: "its headers are longer than 16 kB" };
  }
  if (code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH") {
    return { type: "unreadable", target, message: "its reply is not as long as it says" };
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) {
    return { type: "unreadable", target, message: "it does not speak TLS, or no version of it that is safe" };
  }
  if (/CERT|ERR_TLS|SIGNATURE|ISSUER|SELF_SIGNED|CRL/.test(code)) {
    return { type: "unreadable", target, message: `its certificate is not trusted (${messageOf(error)})` };
  }
  return closed(target, stage);
}

function closed(target: string, stage: Stage): Failure {
  const message = {
    connecting: "it closed the connection at once",
    "waiting for the reply": "it closed the connection without a reply",
    "reading the reply": "it closed the connection in the middle of its reply",
  }[stage];
  return { type: "unreachable", target, cause: "closed", message };
}

/** The first of what came instead, as far as undici tells. */
function sampleOf(error: unknown): string {
  const data =
    typeof error === "object" && error !== null && "data" in error && typeof error.data === "string"
      ? error.data
      : messageOf(error);
  return data.slice(0, 200);
}
