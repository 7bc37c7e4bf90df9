import type { PublicKey } from "../ssh/key.ts";
import type { Result } from "../base/result.ts";

/** What signatures of approvals are made for: one made for anything else is none. */
export const approvalNamespace = "lav-ir-approval";

/** A key that the person at this login can sign with. */
export interface OwnKey extends PublicKey {
  /** The public key's file, or the private key's; undefined for one that only the agent holds. */
  readonly path: string | undefined;
}

export interface SignatureCheck {
  readonly message: string;
  /** Base64, without the armour. */
  readonly signature: string;
  readonly person: string;
  /** Public keys of that person, a line each. */
  readonly keys: readonly string[];
  readonly signal: AbortSignal;
}

/** Signatures with SSH keys, in files, agents and hardware. */
export interface Signatures {
  /** The agent's keys, and those whose public half lies in ~/.ssh. */
  own(signal: AbortSignal): Promise<readonly OwnKey[]>;
  /** The key in a file, private or public. */
  keyIn(path: string, signal: AbortSignal): Promise<Result<OwnKey>>;
  /** Signs; a passphrase or a touch is asked for at the terminal. @returns base64, without the armour. */
  sign(key: OwnKey, message: string, signal: AbortSignal): Promise<Result<string>>;
  /** Whether one of the person's keys made this signature of this message, for approvals. */
  verify(check: SignatureCheck): Promise<Result<void>>;
}
