import { FailureError, messageOf } from "../network.ts";
import type { Secret } from "../../secrets/secret.ts";
import type { Link } from "./link.ts";
import { authenticate, offerLogin } from "./requests.ts";
import { Scram } from "./scram.ts";

/** A login at a broker. */
export interface Sasl {
  readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
  readonly user: string;
  readonly password: Secret;
}

/** Kafka's numbers. */
const unsupported = 33;
const unexpected = 34;

/** Logs in on a connection that has asked for nothing but versions. @throws FailureError without any of the password */
export async function logIn(link: Link, { mechanism, user, password }: Sasl): Promise<void> {
  const target = `Kafka broker ${link.address}`;
  const offered = await link.send(await offerLogin(mechanism));
  if (offered.error === unexpected) {
    throw new FailureError({ type: "denied", target, message: "it takes no login at this port" });
  }
  if (offered.error !== 0) {
    const takes = offered.mechanisms.join(", ");
    const message =
      offered.error === unsupported
        ? `it supports ${takes}, but kafka.sasl says ${mechanism}`
        : `it refused a login by ${mechanism} (error ${offered.error})`;
    throw new FailureError({ type: "denied", target, message });
  }
  const say = async (text: string): Promise<string> => {
    const reply = await link.send(await authenticate(Buffer.from(text)));
    if (reply.error === 0) return reply.bytes.toString("utf8");
    const why = reply.message ?? `error ${reply.error}`;
    throw new FailureError({ type: "denied", target, message: `login as ${user} by ${mechanism}: ${why}` });
  };
  if (mechanism === "PLAIN") {
    await say(`\0${user}\0${password.reveal()}`);
    return;
  }
  const hash = mechanism === "SCRAM-SHA-256" ? "sha256" : "sha512";
  const scram = new Scram(hash, user, password.reveal());
  try {
    scram.prove(await say(await scram.final(await say(scram.first()))));
  } catch (error) {
    if (error instanceof FailureError) throw error;
    throw new FailureError({ type: "unreadable", target, message: `its login: ${messageOf(error)}` });
  }
}
