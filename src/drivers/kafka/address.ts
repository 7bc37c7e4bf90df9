import { FailureError } from "../network.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * `a:9092,[::1]:9093,b` as host and port; 9092 when none is given.
 * @throws FailureError naming the part that is no address
 */
export function addressesOf(target: string): Address[] {
  const parts = target
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 0) throw wrong("no broker is named; give host:port,host:port");
  return parts.map((part) => {
    const match = /^(?:\[(?<v6>[^\]\s]+)\]|(?<name>[^:\s/@]+))(?::(?<port>\d{1,5}))?$/.exec(part);
    const host = match?.groups?.["v6"] ?? match?.groups?.["name"];
    const port = Number(match?.groups?.["port"] ?? 9092);
    if (host === undefined || port < 1 || port > 65_535) {
      throw wrong(`${JSON.stringify(part)} is not a broker's address; give host:port`);
    }
    return { host, port };
  });
}

function wrong(message: string): FailureError {
  return new FailureError({ type: "argument", target: "Kafka's brokers", message });
}
