import { fail, ok, type Result } from "../../base/result.ts";
import { isPort } from "../address.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What is taken, for whoever gave something else. */
export const kafkaForm =
  "give host:9092,host:9092 without a scheme; TLS and a login are kafka: { tls, sasl } in the platform file";

/** `a:9092,[::1]:9093,b` as host and port; 9092 when none is given. The failure goes on from the list's name. */
export function readBrokers(written: string): Result<readonly Address[], string> {
  const parts = written
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 0) return fail("names no broker");
  const addresses: Address[] = [];
  for (const [index, part] of parts.entries()) {
    const match = /^(?:\[(?<v6>[^\]\s]+)\]|(?<name>[^:\s/@[\]]+))(?::(?<port>\d+))?$/.exec(part);
    const host = match?.groups?.["v6"] ?? match?.groups?.["name"];
    const port = match?.groups?.["port"] ?? "9092";
    // Not shown: whoever puts a login into it has a password in there.
    if (host === undefined || !isPort(port)) return fail(`has no address of a broker as number ${index + 1}`);
    addresses.push({ host, port: Number(port) });
  }
  return ok(addresses);
}
