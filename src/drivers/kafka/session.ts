import type { Call } from "kafkajs/src/network/connection.js";
import { FailureError } from "../network.ts";
import { kafkaForm, readBrokers, type Address } from "./address.ts";
import { throwRefused, wantsLogin } from "./errors.ts";
import { findCoordinator } from "./group-requests.ts";
import { openLink, type Link } from "./link.ts";
import { askLogin, readMetadata, type Metadata } from "./requests.ts";
import { apis, extras } from "./wire.ts";

/** The connections of one question: opened when needed, all closed together at its end. */
export class KafkaSession {
  readonly #target: string;
  readonly #open: Link[] = [];
  readonly #links = new Map<string, Promise<Link>>();
  readonly #addresses = new Map<number, Address>();
  #first: Link | undefined;
  #closed = false;
  #acted = false;

  constructor(target: string) {
    this.#target = target;
  }

  /** A request that changes something has been sent. */
  get acted(): boolean {
    return this.#acted;
  }

  /** The broker that `start` was answered by. */
  get first(): Link {
    if (this.#first === undefined) throw new Error("a session begins with start");
    return this.#first;
  }

  /**
   * Asks all bootstrap brokers at once and goes on with the first that answers, so that a dead or
   * silent one among them costs nothing.
   */
  async start(topics: readonly string[] | "all"): Promise<Metadata> {
    const call = await readMetadata(topics);
    const brokers = readBrokers(this.#target);
    if (!brokers.ok) {
      const message = `the list ${brokers.failure}; ${kafkaForm}`;
      throw new FailureError({ type: "argument", target: "Kafka's brokers", message });
    }
    const asked = brokers.value.map(async (address) => {
      const link = await this.#link(address);
      try {
        return { link, metadata: await link.send(call) };
      } catch (error) {
        throw await this.#withLogin(address, error);
      }
    });
    try {
      const { link, metadata } = await Promise.any(asked);
      this.#first = link;
      this.#remember(metadata);
      return metadata;
    } catch (error) {
      throw (error instanceof AggregateError ? error.errors[0] : undefined) ?? error;
    }
  }

  async metadata(topics: readonly string[]): Promise<Metadata> {
    const metadata = await this.first.send(await readMetadata(topics));
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
    return await this.#link(address);
  }

  async brokers(): Promise<Link[]> {
    return await Promise.all([...this.#addresses.keys()].map((id) => this.broker(id)));
  }

  async coordinator(group: string): Promise<Link> {
    const { error, host, port } = await this.first.send(await findCoordinator(group));
    await throwRefused(`group ${group}`, error);
    return await this.#link({ host, port });
  }

  /** Sends what changes something: from here on nobody can say that nothing happened. */
  async act<T>(link: Link, call: Call<T>): Promise<T> {
    this.#acted = true;
    return await link.send(call);
  }

  close(): void {
    this.#closed = true;
    for (const link of this.#open) link.close();
  }

  /** One connection a broker, whether it was found by its name or by its id. */
  async #link(address: Address): Promise<Link> {
    const key = `${address.host} ${address.port}`;
    const known = this.#links.get(key) ?? this.#connect(address);
    this.#links.set(key, known);
    return await known;
  }

  async #connect({ host, port }: Address): Promise<Link> {
    const link = await openLink(host, port, (opening) => {
      this.#open.push(opening);
    });
    if (this.#closed) link.close();
    for (const [name, { key, version }] of Object.entries(apis)) {
      if (extras.has(name)) continue;
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

  /**
   * A broker that wants a login says what it speaks, and closes at the first real question without a
   * word. Asked how one would log in, it answers.
   */
  async #withLogin({ host, port }: Address, error: unknown): Promise<unknown> {
    const failure = error instanceof FailureError ? error.failure : undefined;
    if (failure?.type !== "unreachable" || this.#closed) return error;
    try {
      const link = await this.#connect({ host, port });
      const reply = await link.send(await askLogin());
      if (reply.error !== wantsLogin) return error;
      const message = `it wants a SASL login (${reply.mechanisms.join(", ")}), and lav-ir has none to give`;
      return new FailureError({ type: "denied", target: failure.target, message });
    } catch {
      return error;
    }
  }

  #remember(metadata: Metadata): void {
    for (const { id, host, port } of metadata.brokers) this.#addresses.set(id, { host, port });
  }
}
