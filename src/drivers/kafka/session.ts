import { FailureError } from "../network.ts";
import { openLink, type Link } from "./link.ts";
import { apis, readMetadata, type Metadata } from "./requests.ts";

/** The connections of one question: opened when needed, all closed together at its end. */
export class Session {
  readonly #target: string;
  readonly #open: Link[] = [];
  readonly #byId = new Map<number, Promise<Link>>();
  readonly #addresses = new Map<number, { host: string; port: number }>();
  #closed = false;

  constructor(target: string) {
    this.#target = target;
  }

  /**
   * Asks all bootstrap brokers at once and goes on with the first that answers, so that a dead or
   * silent one among them costs nothing.
   */
  async start(topics: readonly string[] | "all"): Promise<Metadata> {
    const call = await readMetadata(topics);
    const asked = addressesOf(this.#target).map(async ({ host, port }) => {
      const link = await this.#connect(host, port);
      return await link.send(call);
    });
    try {
      const metadata = await Promise.any(asked);
      this.#remember(metadata);
      return metadata;
    } catch (error) {
      throw (error instanceof AggregateError ? error.errors[0] : undefined) ?? error;
    }
  }

  async metadata(link: Link, topics: readonly string[]): Promise<Metadata> {
    const metadata = await link.send(await readMetadata(topics));
    this.#remember(metadata);
    return metadata;
  }

  /** The broker of this id, as the metadata last read names it. */
  async broker(id: number): Promise<Link> {
    const address = this.#addresses.get(id);
    if (address === undefined) {
      const message = `broker ${id} leads a partition but is not in the cluster`;
      throw new FailureError({ type: "unreachable", target: `Kafka broker ${id}`, cause: "absent", message });
    }
    const known = this.#byId.get(id) ?? this.#connect(address.host, address.port);
    this.#byId.set(id, known);
    return await known;
  }

  async brokers(): Promise<Link[]> {
    return await Promise.all([...this.#addresses.keys()].map((id) => this.broker(id)));
  }

  close(): void {
    this.#closed = true;
    for (const link of this.#open) link.close();
  }

  async #connect(host: string, port: number): Promise<Link> {
    const link = await openLink(host, port, (opening) => {
      this.#open.push(opening);
    });
    if (this.#closed) link.close();
    for (const [name, { key, version }] of Object.entries(apis)) {
      // Groups of the new protocol exist only where the broker can describe them.
      if (name === "ConsumerGroupDescribe") continue;
      const range = link.versions.get(key);
      if (range !== undefined && range.min <= version && version <= range.max) continue;
      const has = range === undefined ? "not at all" : `${range.min} to ${range.max}`;
      const message = `this broker speaks ${name} ${has}, and lav-ir needs version ${version} (Kafka 3.0 to 4.x)`;
      throw new FailureError({
        type: "rejected",
        target: `Kafka broker ${link.address}`,
        message,
        code: "UNSUPPORTED_VERSION",
      });
    }
    return link;
  }

  #remember(metadata: Metadata): void {
    for (const { id, host, port } of metadata.brokers) this.#addresses.set(id, { host, port });
  }
}

/** `a:9092,[::1]:9093,b` as host and port; 9092 when none is given. */
export function addressesOf(target: string): { host: string; port: number }[] {
  return target
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => {
      const match = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:]+))(?::(?<port>\d+))?$/.exec(part);
      const host = match?.groups?.["v6"] ?? match?.groups?.["name"] ?? part;
      return { host, port: Number(match?.groups?.["port"] ?? 9092) };
    });
}
