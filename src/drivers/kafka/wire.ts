import type { Call } from "kafkajs/src/network/connection.js";
import type Decoder from "kafkajs/src/protocol/decoder.js";
import type Encoder from "kafkajs/src/protocol/encoder.js";

/** The requests that are sent, each at one version that Kafka 3.0 to 4.x all speak. */
export const apis = {
  Fetch: { key: 1, version: 11 },
  ListOffsets: { key: 2, version: 7 },
  Metadata: { key: 3, version: 6 },
  OffsetCommit: { key: 8, version: 6 },
  OffsetFetch: { key: 9, version: 4 },
  FindCoordinator: { key: 10, version: 2 },
  DescribeGroups: { key: 15, version: 2 },
  ListGroups: { key: 16, version: 2 },
  SaslHandshake: { key: 17, version: 1 },
  ApiVersions: { key: 18, version: 2 },
  DeleteRecords: { key: 21, version: 1 },
  DescribeConfigs: { key: 32, version: 2 },
  IncrementalAlterConfigs: { key: 44, version: 0 },
  OffsetDelete: { key: 47, version: 0 },
  SaslAuthenticate: { key: 36, version: 1 },
  ConsumerGroupDescribe: { key: 69, version: 0 },
} as const;

/** Asked only where they are spoken: groups of the new protocol, and a login. */
export const extras: ReadonlySet<string> = new Set([
  "ConsumerGroupDescribe",
  "SaslHandshake",
  "SaslAuthenticate",
]);

export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** One request and how its reply is read. The decoder is past the reply's correlation id. */
export async function kafkaCall<T>(
  name: keyof typeof apis,
  write: (encoder: Encoder) => void,
  read: (decoder: Decoder) => T,
): Promise<Call<T>> {
  const [{ default: NewEncoder }, { ReplyDecoder }] = await Promise.all([
    import("kafkajs/src/protocol/encoder.js"),
    import("./reading.ts"),
  ]);
  const { key, version } = apis[name];
  return {
    request: {
      apiKey: key,
      apiVersion: version,
      apiName: name,
      encode: async () => {
        const encoder = new NewEncoder();
        write(encoder);
        return encoder;
      },
    },
    response: {
      decode: async (payload) => read(new ReplyDecoder(payload)),
      parse: async (decoded) => decoded,
    },
  };
}

/** An offset or a time. kafkajs's own way to one is over two halves and a text. */
export function readBigInt(decoder: Decoder): bigint {
  const value = decoder.buffer.readBigInt64BE(decoder.offset);
  decoder.offset += 8;
  return value;
}

/** A text that nobody asks for: each would be a buffer of its own. */
export function skipString(decoder: Decoder): void {
  const length = decoder.readInt16();
  if (length > 0) decoder.offset += length;
}
