import type { Failure } from "../../base/failure.ts";
import { errorCode, messageOf, networkFailure } from "../network.ts";
import { protocolOf } from "../protocol.ts";
import { tlsTrouble, troubleText } from "../tls-failure.ts";
import type { Stage } from "./stage.ts";

/**
 * What an error of undici, of a socket or of TLS means for the operator.
 * @param discreet the address is a secret: what the other side says of itself may tell it
 */
export function failureOf(target: string, error: unknown, stage: Stage, discreet = false): Failure {
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
    const sample = sampleOf(error);
    const met = protocolOf(Buffer.from(sample, "latin1"));
    const message = met === undefined ? "this is not HTTP" : `this port speaks ${met}`;
    return { type: "unreadable", target, message, ...(discreet ? {} : { sample }) };
  }
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    return { type: "unreadable", target, message: "its headers are longer than 16 kB" };
  }
  if (code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH") {
    return { type: "unreadable", target, message: "its reply is shorter or longer than its Content-Length" };
  }
  const trouble = tlsTrouble(error);
  if (trouble?.type === "turned-down") {
    const message = "it ended the TLS handshake: it requires a client certificate and rejected ours";
    return { type: "denied", target, message };
  }
  if (trouble !== undefined) {
    const { says } = trouble;
    return { type: "unreadable", target, message: discreet ? says : troubleText(trouble) };
  }
  return closed(target, stage);
}

function closed(target: string, stage: Stage): Failure {
  const message = {
    connecting: "it closed the connection immediately",
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
