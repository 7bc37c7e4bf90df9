import type { Channel } from "../../ports/channel.ts";

/** One channel of the platform file, as it can be used now. */
export interface DirectoryEntry {
  /** Undefined where it cannot be used. */
  readonly channel: Channel | undefined;
  /** Why not: `SLACK_TOKEN is not set`. */
  readonly broken?: string;
  /** Changes when one of its secrets does; says nothing of them. */
  readonly secrets: string;
  /** May carry a security incident. */
  readonly private: boolean;
  /** A person's number or address on it. */
  readonly reach: (person: string) => string | undefined;
}

/** The channels by name. Secrets that lie in files are read each time. */
export interface Directory {
  readonly names: ReadonlySet<string>;
  isPrivate(channel: string): boolean;
  entries(): Promise<ReadonlyMap<string, DirectoryEntry>>;
}
