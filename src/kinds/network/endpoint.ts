import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Endpoint } from "../../ports/network.ts";
import { shown } from "../format.ts";

/** What a URL leaves out. */
const usualPorts: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/**
 * A host and a port, as `db1:5432`, `[::1]:5432` or an http or https URL.
 * @returns a failure that goes on from what is written
 */
export function readEndpoint(written: string): Result<Endpoint, string> {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? ofUrl(written) : ofPair(written);
}

/** What of an address is wrong, whatever its unknown parts become; for a plan, before anything runs. */
export function checkEndpoint(written: string): string | undefined {
  if (written.includes("‹")) return undefined;
  const read = readEndpoint(written);
  return read.ok ? undefined : `${written} ${read.failure}`;
}

/** An address that only shows to be none when the step runs. */
export function notAnEndpoint(target: string, message: string): Failure {
  return { type: "argument", target, message, effect: "none" };
}

/** An argument as host and port, as far as it is known. */
export function endpointShown(address: unknown): string {
  const read = readEndpoint(shown(address));
  return read.ok ? endpointText(read.value) : shown(address);
}

/** As it is named: `db1:5432`, `[::1]:5432`. */
function endpointText({ host, port }: Endpoint): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function ofUrl(written: string): Result<Endpoint, string> {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const usual = usualPorts[url?.protocol ?? ""];
  if (url === undefined || usual === undefined) return fail("is neither host:port nor an http or https URL");
  if (url.username !== "" || url.password !== "")
    return fail("contains a login, which every plan and journal would show; write host:port");
  return ok({ host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(url.port || usual) });
}

function ofPair(written: string): Result<Endpoint, string> {
  const [, bracketed, plain, digits] =
    /^(?:\[([\da-f:.]+)\]|([^\s:/?#@[\]]+)):(\d{1,5})$/i.exec(written) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port >= 1 && port <= 65_535) return ok({ host: host.toLowerCase(), port });
  return fail(
    /^[^\s:/?#@[\]]+$/.test(written)
      ? "has no port; write host:port"
      : "is neither host:port nor an http or https URL",
  );
}
