import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/** Milliseconds of a processor are what a round costs; a server that asks for more would have us work for ever. */
const mostRounds = 1_000_000;
/** RFC 7677: with fewer, a password can be tried by whoever listened. */
const leastRounds = 4096;

const derive = promisify(pbkdf2);

/**
 * A login by SCRAM (RFC 5802) without channel binding: the password is not sent, and the server proves that it
 * knows it as well. kafkajs has one, which does not say what the server's refusal was.
 */
export class Scram {
  readonly #hash: "sha256" | "sha512";
  readonly #password: string;
  readonly #first: string;
  readonly #nonce: string;
  #serverSignature: Buffer | undefined;

  constructor(
    hash: "sha256" | "sha512",
    user: string,
    password: string,
    nonce = randomBytes(18).toString("base64"),
  ) {
    this.#hash = hash;
    this.#password = password;
    this.#nonce = nonce;
    this.#first = `n=${user.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${nonce}`;
  }

  first(): string {
    return `n,,${this.#first}`;
  }

  /** @throws Error when what the server says is no such message. */
  async final(serverFirst: string): Promise<string> {
    const { r: nonce = "", s: salt = "", i = "" } = attributes(serverFirst);
    const rounds = Number(i);
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce) throw new Error("its nonce is not ours");
    if (!Number.isInteger(rounds) || rounds < leastRounds || rounds > mostRounds) {
      throw new Error(
        `it asks for ${i.slice(0, 12)} rounds, which is none of ${leastRounds} to ${mostRounds}`,
      );
    }
    const length = this.#hash === "sha256" ? 32 : 64;
    const salted = await derive(this.#password, Buffer.from(salt, "base64"), rounds, length, this.#hash);
    const unproven = `c=${Buffer.from("n,,").toString("base64")},r=${nonce}`;
    const message = `${this.#first},${serverFirst},${unproven}`;
    const clientKey = this.#hmac(salted, "Client Key");
    const signature = this.#hmac(createHash(this.#hash).update(clientKey).digest(), message);
    const proof = clientKey.map((byte, at) => byte ^ (signature[at] ?? 0));
    this.#serverSignature = this.#hmac(this.#hmac(salted, "Server Key"), message);
    return `${unproven},p=${Buffer.from(proof).toString("base64")}`;
  }

  /** @throws Error when the server did not prove that it knows the password. */
  prove(serverFinal: string): void {
    const shown = Buffer.from(attributes(serverFinal)["v"] ?? "", "base64");
    const wanted = this.#serverSignature;
    if (wanted?.length === shown.length && timingSafeEqual(wanted, shown)) return;
    throw new Error("it could not prove that it knows the password");
  }

  #hmac(key: Buffer, text: string): Buffer {
    return createHmac(this.#hash, key).update(text).digest();
  }
}

/** `r=…,s=…,i=…`: a value may have more `=` in it. */
function attributes(message: string): Readonly<Record<string, string>> {
  return Object.fromEntries(message.split(",").map((part) => [part.slice(0, 1), part.slice(2)]));
}
