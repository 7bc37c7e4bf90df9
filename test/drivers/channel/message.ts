import type { ChannelMessage } from "../../../src/ports/channel.ts";

/** A page as the sender makes it. */
export function message(more: Partial<ChannelMessage> = {}): ChannelMessage {
  return {
    key: "page/war-room/ny1-1",
    incident: "INC-2026-0042",
    kind: "page",
    severity: "P0",
    security: false,
    tag: "[INC-2026-0042 #1]",
    text: "Orders rejected at all venues",
    head: "ny1-2 3fa9c1d20b7e",
    repeat: false,
    queued: new Date(),
    ...more,
  };
}

/** Ends what hangs. */
export function within(ms: number): AbortSignal {
  return AbortSignal.timeout(ms);
}

export const soon = 20_000;
