import { createHmac } from "node:crypto";
import { json, parsed, standIn, type Answer, type Asked, type Provider, type StandIn } from "./stand-in.ts";

/** What a generic webhook was given. */
export interface WebhookDelivery {
  readonly key: string;
  readonly incident: string;
  readonly severity: string;
  readonly kind: string;
  readonly text: string;
  readonly head: string;
}

export interface WebhookStandIn extends StandIn {
  readonly deliveries: readonly WebhookDelivery[];
}

/**
 * A receiver of our own webhook. With a secret, a body without its right HMAC is refused.
 * @param now what its clock says, milliseconds since 1970
 */
export async function webhookStandIn(
  secret?: string,
  port?: number,
  now?: () => number,
): Promise<WebhookStandIn> {
  const provider = new Webhook(secret);
  return Object.assign(await standIn(provider, port, now), { deliveries: provider.deliveries });
}

const fields = ["key", "incident", "severity", "kind", "text", "head"];

class Webhook implements Provider {
  readonly name = "webhook";
  readonly deliveries: WebhookDelivery[] = [];
  private readonly secret: string | undefined;

  constructor(secret: string | undefined) {
    this.secret = secret;
  }

  answer({ method, type, headers, body }: Asked): Answer {
    const message = type === "application/json" ? parsed(body) : undefined;
    if (method !== "POST" || message === undefined) return json(400, { error: "POST JSON" });
    if (this.secret !== undefined && headers["x-lav-ir-signature"] !== signature(this.secret, body))
      return json(401, { error: "X-Lav-Ir-Signature does not match" });
    const wrong =
      fields.some((name) => typeof message[name] !== "string") ||
      Object.keys(message).some((name) => !fields.includes(name));
    if (wrong) return json(422, { error: `the fields are ${fields.join(", ")}` });
    this.deliveries.push(message as unknown as WebhookDelivery);
    return json(202, {});
  }

  limited(seconds: number): Answer {
    return json(429, { error: "too many" }, { "retry-after": String(seconds) });
  }
}

function signature(secret: string, body: string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}
