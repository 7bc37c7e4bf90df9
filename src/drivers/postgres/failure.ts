import type { Failure } from "../../base/failure.ts";
import { TooLong, Unreadable } from "../guard.ts";
import { tlsFailure } from "../tls-failure.ts";
import type { TlsMaterial } from "../verified.ts";
import { errorCode, FailureError, messageOf, networkFailure, timedOut } from "../network.ts";

export interface Circumstances {
  /** `PostgreSQL at host:port/database`. */
  readonly named: string;
  /** When the statement was sent, by performance.now(). */
  readonly since: number;
  /** What was shown to it, for what it says to that. */
  readonly tls: TlsMaterial;
  /** Milliseconds the server gave the statement. */
  readonly statementTimeout: number;
}

/** What an error of pg, of the server or of the network stands for; whether anything happened is not said here. */
export function failureOf(error: unknown, circumstances: Circumstances): Failure {
  const { named: target } = circumstances;
  if (error instanceof FailureError) return error.failure;
  if (error instanceof TooLong) {
    return { type: "overflow", target, limit: error.limit, message: error.message };
  }
  if (error instanceof Unreadable) return { type: "unreadable", target, message: error.message };
  const state = sqlState(error);
  if (state !== undefined) return serverFailure(state, messageOf(error), hintOf(error), circumstances);
  const network = networkFailure(target, error);
  if (network !== undefined) return network;
  const text = messageOf(error);
  if (/terminated|not queryable|ended|closed/i.test(text)) {
    return { type: "unreachable", target, cause: "closed", message: "it closed the connection" };
  }
  if (/does not support SSL/.test(text)) {
    return {
      type: "rejected",
      target,
      code: "NO_SSL",
      message: "it does not support TLS, but sslmode requires it",
    };
  }
  if (/error establishing an SSL connection/.test(text)) {
    return { type: "unreadable", target, message: "this is not the PostgreSQL protocol" };
  }
  const secured = tlsFailure(target, error, circumstances.tls);
  if (secured !== undefined) return secured;
  return { type: "unreadable", target, message: text };
}

/** An error that the server sent, and what it did not carry out is certain. */
export function sqlState(error: unknown): string | undefined {
  const code = errorCode(error);
  const sent = typeof error === "object" && error !== null && "severity" in error;
  return sent && code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

function serverFailure(code: string, text: string, hint: string, circumstances: Circumstances): Failure {
  const { named: target, since, statementTimeout } = circumstances;
  const message = `${text}${hint}`;
  switch (code) {
    case "28000":
    case "28P01":
    case "53300":
      return { type: "denied", target, message: `${message} (${code})` };
    case "3D000":
      return { type: "missing", target, message: `${target}: ${message} (${code})` };
    case "57014": {
      // The one code has two meanings, and its words are in the server's language: the clock tells them apart.
      const spent = performance.now() - since;
      if (spent >= statementTimeout * 0.95) {
        return timedOut(target, "running the statement, which the server then cancelled", since);
      }
      return { type: "rejected", target, code, message };
    }
    case "57P01":
    case "57P02":
      return { type: "unreachable", target, cause: "closed", message: `${message} (${code})` };
    case "57P03":
      return { type: "unreachable", target, cause: "refused", message: `${message} (${code})` };
    default:
      return { type: "rejected", target, code, message };
  }
}

function hintOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("hint" in error)) return "";
  return typeof error.hint === "string" && error.hint !== "" ? ` (${error.hint.replace(/\.$/, "")})` : "";
}
