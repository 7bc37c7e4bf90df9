import { fail, ok, type Result } from "../../base/result.ts";
import { envSecret } from "../context/secret-sources.ts";
import type { World } from "../context/world.ts";

/**
 * The emergency token, checked here before anything is sent: an instance that refuses it costs minutes that
 * nobody has. @returns what is wrong with it, for a person.
 */
export async function readToken(
  env: World["env"],
  now: Date,
  sendAnyway: boolean,
): Promise<Result<string, string>> {
  const read = await envSecret(env, "EMERGENCY_TOKEN");
  if (!read.ok) return fail(`cannot read the emergency token from ${read.failure}`);
  if (read.value === undefined) return fail("EMERGENCY_TOKEN is not set");
  const { from } = read.value;
  const token = read.value.value.trim();
  if (token === "") return fail(`${from} is blank`);
  if (!/^[\x21-\x7e]+$/.test(token)) {
    return fail("EMERGENCY_TOKEN has characters that no token has; copy it again, whole");
  }
  const ends = sendAnyway ? undefined : endOf(token);
  if (ends === undefined || ends > now.getTime() / 1000) return ok(token);
  const clock = `this machine's clock says ${now.toISOString()}`;
  return fail(
    `EMERGENCY_TOKEN expired at ${timeOf(ends)}; ${clock}; if that clock is wrong, --send-anyway sends it anyway`,
  );
}

/** When the token ends by its own word, in seconds: `lav.<seconds>.<random>`, or the `exp` of a JWT. */
function endOf(token: string): number | undefined {
  const own = /^lav\.(\d+)\./.exec(token)?.[1];
  if (own !== undefined) return Number(own);
  const [, payload, signature] = token.split(".");
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const exp = typeof claims === "object" && claims !== null && "exp" in claims ? claims.exp : undefined;
    return typeof exp === "number" ? exp : undefined;
  } catch {
    return undefined;
  }
}

function timeOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds}` : date.toISOString();
}
