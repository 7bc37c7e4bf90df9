import type { Call } from "kafkajs/src/network/connection.js";
import { kafkaCall, readBigInt } from "./wire.ts";

/** What one fetch from one partition brings: as a consumer that reads what is committed would get it. */
export interface Fetched {
  readonly error: number;
  /** The offset behind the last message that no open transaction holds back. */
  readonly stable: bigint;
  readonly end: bigint;
  /** Producers whose transactions were given up, each from an offset on. */
  readonly aborted: readonly { readonly producer: bigint; readonly from: bigint }[];
  /** Batches, the last perhaps cut; at least one whole one where there is any. */
  readonly bytes: Buffer;
}

/** From one partition alone: a broker sends at least one whole batch of the first partition that has one. */
export async function fetchFrom(
  {
    topic,
    partition,
    offset,
  }: { readonly topic: string; readonly partition: number; readonly offset: bigint },
  maxBytes: number,
): Promise<Call<Fetched>> {
  return await kafkaCall(
    "Fetch",
    (e) => {
      // No replica; no waiting, no least size; committed messages alone; no session.
      e.writeInt32(-1).writeInt32(0).writeInt32(0).writeInt32(maxBytes).writeInt8(1);
      e.writeInt32(0).writeInt32(-1);
      e.writeInt32(1).writeString(topic);
      e.writeInt32(1).writeInt32(partition).writeInt32(-1).writeInt64(String(offset));
      e.writeInt64("-1").writeInt32(maxBytes);
      e.writeInt32(0).writeString("");
    },
    (d) => {
      d.readInt32();
      const whole = d.readInt16();
      d.readInt32();
      const [found] = d
        .readArray(() => {
          d.readString();
          return d.readArray((): Fetched => {
            d.readInt32();
            const error = d.readInt16();
            const end = readBigInt(d);
            const stable = readBigInt(d);
            readBigInt(d);
            const aborted = d.readArray(() => ({ producer: readBigInt(d), from: readBigInt(d) }));
            d.readInt32();
            return { error, end, stable, aborted, bytes: d.readBytes() ?? Buffer.alloc(0) };
          });
        })
        .flat();
      if (found !== undefined) return whole === 0 ? found : { ...found, error: whole };
      return { error: whole === 0 ? -1 : whole, end: 0n, stable: 0n, aborted: [], bytes: Buffer.alloc(0) };
    },
  );
}
