import type { Heard, Listened } from "../../ports/channel.ts";
import { judged, textOf, type Reply } from "./request.ts";

/** One source of answers, read once. */
export type SourceRead =
  | { readonly ok: true; readonly heard: readonly Heard[] }
  /** `off`: with this secret it will never be readable. */
  | { readonly ok: false; readonly message: string; readonly off?: true; readonly retryAfter?: number };

/**
 * The sources of a channel's answers. One that is not allowed is read no more, and named once; whoever gives the
 * channel another secret makes a new one of these.
 */
export class Sources {
  private readonly off = new Set<string>();

  /** @param sources by name; each is read, whatever becomes of the others. */
  async listen(sources: Readonly<Record<string, () => Promise<SourceRead>>>): Promise<Listened> {
    const open = Object.entries(sources).filter(([name]) => !this.off.has(name));
    const reads = await Promise.all(open.map(async ([name, read]) => ({ name, read: await read() })));
    const failed = reads.flatMap(({ name, read }) => (read.ok ? [] : [{ name, ...read }]));
    for (const { name, off } of failed) if (off === true) this.off.add(name);
    const waits = failed.flatMap(({ retryAfter }) => retryAfter ?? []);
    return {
      heard: reads.flatMap(({ read }) => (read.ok ? read.heard : [])),
      ...(failed.length === 0
        ? {}
        : { problem: failed.map(({ name, message }) => `${name}: ${message}`).join("; ") }),
      ...(waits.length === 0 ? {} : { retryAfter: Math.max(...waits) }),
    };
  }
}

/** What a reply that is not as it should be says. */
export function unreadable(reply: Reply, code = ""): SourceRead {
  const common = judged(reply);
  if (common?.outcome === "refused") {
    const { message, retryAfter } = common;
    return { ok: false, message, ...(retryAfter === undefined ? {} : { retryAfter }) };
  }
  const { status } = reply;
  const message = code === "" ? `it answered ${status}` : code;
  return status === 401 || status === 403 ? { ok: false, message, off: true } : { ok: false, message };
}

/** A time of RFC 3339, or of HTTP; the present where it is none. */
export function instantOf(text: unknown): Date {
  const at = new Date(textOf(text));
  return Number.isNaN(at.getTime()) ? new Date() : at;
}
