/** What is sent to people, and by what the receiver and a later look know it again. */
export interface ChannelMessage {
  /** Of the outbox: the same for every attempt, and for no other message of the incident. */
  readonly key: string;
  /** `INC-2026-0042`. */
  readonly incident: string;
  readonly kind: "page" | "update" | "notice" | "reminder";
  readonly severity: "P0" | "P1" | "P2" | "P3";
  /** `[INC-2026-0042 #4]`: in every text, however short it has to be. */
  readonly tag: string;
  readonly text: string;
  /** The head of the desk's chain when it was queued: `ny1-2 3fa9c1d20b7e`. */
  readonly head: string;
  /** Of a security incident: nobody is mentioned. */
  readonly security: boolean;
  /** An earlier attempt may have arrived: the text says so. */
  readonly repeat: boolean;
  /** When it was queued, by this desk's clock. */
  readonly queued: Date;
  /** The pager's key: a trigger on one that is open notifies nobody; a notice resolves it. */
  readonly event?: string;
  /** A person's number or address, where the channel goes to persons. */
  readonly to?: string;
}

/** What a channel makes of a message: the texts that it sends, and nothing else that a person reads there. */
export interface Rendered {
  /** Each by its name at the provider's: `text`, `Body`, `Subject`, `summary`. */
  readonly texts: readonly { readonly name: string; readonly text: string }[];
  /** What its size does to it: `2 SMS segments (GSM-7)`, `cut: 2310 characters, and it takes 1600`. */
  readonly notes: readonly string[];
}

/** How one attempt ended: the outcomes of the record `message.result`. */
export type Sent =
  | {
      readonly outcome: "accepted";
      readonly providerId?: string;
      /** By the provider's clock. */
      readonly at?: Date;
    }
  /** Final: the same message will never be taken. */
  | { readonly outcome: "failed"; readonly code: string; readonly message: string }
  /** Provably not processed: it may be sent again as if for the first time. */
  | {
      readonly outcome: "refused";
      readonly message: string;
      readonly code?: string;
      /** Seconds that the provider asks to wait. */
      readonly retryAfter?: number;
      /** The secret was refused: nothing goes this way until there is another. */
      readonly secret?: true;
    }
  /** Some of the request was sent, and no answer says what became of it. */
  | { readonly outcome: "unknown"; readonly message: string };

/** What a look for a message at the provider's found. */
export type Looked =
  | { readonly found: "yes"; readonly providerId?: string; readonly at?: Date }
  | { readonly found: "no" }
  | { readonly found: "unknown"; readonly message: string };

/** What became of a message that was accepted. */
export type Delivery =
  | { readonly state: "delivered"; readonly at?: Date }
  | { readonly state: "failed"; readonly code: string; readonly message: string }
  | { readonly state: "waiting" };

/** What somebody did with a message, as a provider tells it. Whether that is an answer is not for the channel to say. */
export interface Heard {
  /** The provider's id of it: the same each time it is read. */
  readonly id: string;
  /** By the provider's clock. */
  readonly at: Date;
  /** Who, by the provider's id of them; undefined where it is whom the message went to. */
  readonly who?: string;
  readonly what:
    | { readonly did: "acknowledged" }
    /** A reaction's name, without the colons. */
    | { readonly did: "reacted"; readonly name: string }
    | { readonly did: "wrote"; readonly text: string };
}

export interface Listened {
  readonly heard: readonly Heard[];
  /** Why not all of it could be read. A source that will never be readable with this secret is named once. */
  readonly problem?: string;
  /** Seconds that the provider asks to wait. */
  readonly retryAfter?: number;
}

/** A message that a provider took. */
export interface TakenMessage extends ChannelMessage {
  readonly providerId?: string;
  /** When, by the provider's clock where it told the time. */
  readonly taken: Date;
}

/**
 * One way to people, with its secrets in it. No call throws for what the provider did, and no text that comes back
 * has a secret or an address in it. Every call ends at its signal.
 */
export interface Channel {
  /**
   * How a message whose fate is unknown is settled. look: the provider is asked for it first. same-key: it is sent
   * again, and the provider drops what it has already. repeat: it can only be sent again, marked.
   */
  readonly settles: "look" | "same-key" | "repeat";
  /** Milliseconds from one message to the next. */
  readonly spacing: number;
  send(message: ChannelMessage, signal: AbortSignal): Promise<Sent>;
  /** Where it settles by looking. */
  look?(message: ChannelMessage, signal: AbortSignal): Promise<Looked>;
  /** Where accepted is not the last that can be known. */
  delivery?(providerId: string, signal: AbortSignal): Promise<Delivery>;
  /** Where people can answer, and their answers can be read. */
  listen?(message: TakenMessage, signal: AbortSignal): Promise<Listened>;
}
