import { ok, type Result } from "../../base/result.ts";
import { hostText } from "../address.ts";
import { listOf, recordOf, textIn } from "../compose/described.ts";
import { readAddress } from "./address.ts";
import type { EngineAt } from "./at.ts";
import { Engine } from "./engine.ts";

/** Which containers, as data: a halt keeps it. */
export interface ContainersAt {
  readonly engine: EngineAt;
  /** `name=value`: they bear all of them. */
  readonly labels: readonly string[];
}

/** A container, and where a port of it can be reached from here, the surest first. */
export interface Published {
  readonly name: string;
  readonly state: string;
  readonly urls: readonly string[];
}

/** Every container with these labels, stopped ones too. */
export async function publishedBy(
  { engine: at, labels }: ContainersAt,
  port: number,
  signal: AbortSignal,
): Promise<Result<readonly Published[]>> {
  const filters = encodeURIComponent(JSON.stringify({ label: labels }));
  const listed = await new Engine(at).json("GET", `/containers/json?all=1&filters=${filters}`, signal);
  if (!listed.ok) return listed;
  const engine = readAddress(at.host);
  const host = engine.ok && engine.value.type === "tcp" ? hostText(engine.value.host) : "127.0.0.1";
  return ok(
    listOf(listed.value).map((item) => {
      const { Names, Id, State } = recordOf(item);
      const name = (textIn(listOf(Names)[0]) || textIn(Id)).replace(/^\//, "");
      return { name, state: textIn(State), urls: urlsOf(recordOf(item), host, port) };
    }),
  );
}

/** Its published port, else its own address in a network of the engine's. */
function urlsOf(
  { Ports, NetworkSettings }: Readonly<Record<string, unknown>>,
  host: string,
  port: number,
): readonly string[] {
  const published = listOf(Ports).flatMap((mapped) => {
    const { PublicPort: open, PrivatePort, IP } = recordOf(mapped);
    if (PrivatePort !== port || typeof open !== "number") return [];
    const ip = textIn(IP);
    const everywhere = ip === "" || ip === "0.0.0.0" || ip === "::" || ip.startsWith("127.");
    return [`http://${everywhere ? host : ip.includes(":") ? `[${ip}]` : ip}:${open}`];
  });
  const networks = Object.values(recordOf(recordOf(NetworkSettings)["Networks"]));
  const inside = networks.flatMap((network) => {
    const ip = textIn(recordOf(network)["IPAddress"]);
    return ip === "" ? [] : [`http://${ip}:${port}`];
  });
  return [...new Set([...published, ...inside])];
}
