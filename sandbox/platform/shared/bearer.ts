import { createHash, timingSafeEqual } from "node:crypto";
import { Refusal } from "./reply.ts";

/**
 * Checks `Authorization: Bearer …` against the emergency token. Missing or expired: 401 with a challenge;
 * wrong: 403. A token of the form `lav.<epoch seconds>.<random>` says itself when it ends.
 */
export function checkBearer(header: string | undefined, expected: string, now: number): void {
  if (expected === "") {
    throw new Refusal(503, "no_token_configured", "EMERGENCY_TOKEN is not set: nobody can be let in");
  }
  const given = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
  if (given === undefined) {
    throw new Refusal(401, "unauthorized", "a bearer token is needed", {
      "www-authenticate": 'Bearer realm="lav"',
    });
  }
  const expiry = /^lav\.(\d+)\./.exec(given)?.[1];
  if (expiry !== undefined && Number(expiry) * 1000 <= now) {
    throw new Refusal(401, "invalid_token", "the token has expired", {
      "www-authenticate": 'Bearer realm="lav", error="invalid_token", error_description="expired"',
    });
  }
  if (!timingSafeEqual(digestOf(given), digestOf(expected))) {
    throw new Refusal(403, "forbidden", "the token is not the emergency token");
  }
}

// Digests have one length, so that the comparison tells nothing, not even the token's length.
function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
