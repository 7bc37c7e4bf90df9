import type { HttpRequest } from "../../../src/ports/ports.ts";
import { soon } from "../../patience.ts";

/** A read, as a kind asks for it. */
export function ask(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: "GET", url, headers: {}, maxBytes: 1_000_000, signal: soon(), ...more };
}
