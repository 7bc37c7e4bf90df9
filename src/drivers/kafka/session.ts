import type { Call } from "kafkajs/src/network/connection.js";
import { FailureError } from "../network.ts";
import type { TlsMaterial } from "../verified.ts";
import { kafkaForm, readBrokers, type Address } from "./address.ts";
import { throwRefused, wantsLogin } from "./errors.ts";
import { findCoordinator } from "./group-requests.ts";
import { openLink, type Link } from "./link.ts";
import { logIn, type Sasl } from "./sasl.ts";
import { offerLogin, readMetadata, type Metadata } from "./requests.ts";
import { apis, extras } from "./wire.ts";

export interface KafkaSettings {
  /** `host:port,host:port`; 9092 where no port is given. */
  readonly brokers: string;
  /** Every connection is TLS. */
  readonly tls?: TlsMaterial | undefined;
  /** Every connection logs in. */
  readonly sasl?: Sasl | undefined;
}

/** The connections of one question: opened when needed, all closed together at its end. */
export class KafkaSession {
  readonly #settings: KafkaSettings;
  readonly #open: Link[] = [];
  readonly #links = new Map<string, Promise<Link>>();
  readonly #addresses = new Map<number, Address>();
  #first: Link | undefined;
  #closed = false;
  #acted = false;

  constructor(settings: KafkaSettings) {
    this.#settings = settings;
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
    const brokers = readBrokers(this.#settings.brokers);
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
    try {
      return await this.#link(address);
    } catch (error) {
      throw advertised(error, id);
    }
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

  async #connect(address: Address): Promise<Link> {
    const link = await this.#opened(address);
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
    if (this.#settings.sasl !== undefined) await logIn(link, this.#settings.sasl);
    return link;
  }

  async #opened(address: Address): Promise<Link> {
    const { tls } = this.#settings;
    const open = async (material: typeof tls): Promise<Link> => {
      const link = await openLink(address, material, (opening) => {
        this.#open.push(opening);
      });
      if (this.#closed) link.close();
      return link;
    };
    try {
      return await open(tls);
    } catch (error) {
      if (tls === undefined || !(error instanceof FailureError) || !endedEarly(error)) throw error;
      // A broker without TLS takes the handshake for a request, and closes without a word.
      const plain = await soon(open(undefined));
      if (plain === undefined) throw error;
      const message = "this port speaks Kafka without TLS, and the platform file says kafka.tls";
      throw new FailureError({ type: "unreadable", target: `Kafka broker ${plain.address}`, message });
    }
  }

  /**
   * A broker that wants a login says what it speaks, and closes at the first real question without a
   * word. Asked how one would log in, it answers.
   */
  async #withLogin(address: Address, error: unknown): Promise<unknown> {
    const failure = error instanceof FailureError ? error.failure : undefined;
    if (failure?.type !== "unreachable" || this.#closed || this.#settings.sasl !== undefined) return error;
    try {
      const link = await this.#connect(address);
      const reply = await link.send(await offerLogin(""));
      if (reply.error !== wantsLogin) return error;
      const message = `it wants a SASL login (${reply.mechanisms.join(", ")}), and the platform file has no kafka.sasl`;
      return new FailureError({ type: "denied", target: failure.target, message });
    } catch {
      return error;
    }
  }

  #remember(metadata: Metadata): void {
    for (const { id, host, port } of metadata.brokers) this.#addresses.set(id, { host, port });
  }
}

/** Its address is what a broker tells of itself, which may hold in another network alone. */
function advertised(error: unknown, id: number): unknown {
  if (!(error instanceof FailureError) || error.failure.type !== "unreachable") return error;
  const { failure } = error;
  const message = `${failure.message}; this is what broker ${id} advertises (advertised.listeners)`;
  return new FailureError({ ...failure, message });
}

/** Milliseconds for a question that only tells more of a failure. */
const patience = 500;

async function soon<T>(work: Promise<T>): Promise<T | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, patience, undefined).unref());
  return await Promise.race([work.catch(() => undefined), late]);
}

/** Without a word, or in the middle of the handshake. */
function endedEarly({ failure }: FailureError): boolean {
  return (
    failure.type === "unreadable" ||
    (failure.type === "unreachable" && (failure.cause === "reset" || failure.cause === "closed"))
  );
}
