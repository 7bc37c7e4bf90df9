/**
 * The parts of kafkajs 2.2.4 that are used below its admin client: one broker's connection, and the
 * reading and writing of frames. Its admin client throws a whole answer away when one partition has no
 * leader, retries behind the caller's back, and leaves timers running; an incident needs the answer.
 */
declare module "kafkajs/src/network/connection.js" {
  import type Decoder from "kafkajs/src/protocol/decoder.js";
  import type Encoder from "kafkajs/src/protocol/encoder.js";
  import type { Socket } from "node:net";

  export interface Logger {
    namespace(name: string): Logger;
    debug(): void;
    info(): void;
    warn(): void;
    error(): void;
  }
  export interface Call<T> {
    readonly request: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly apiName: string;
      encode(): Promise<Encoder>;
    };
    readonly response: {
      decode(payload: Buffer): Promise<T>;
      parse(decoded: T): Promise<T>;
    };
  }
  export default class Connection {
    constructor(options: {
      host: string;
      port: number;
      logger: Logger;
      clientId: string;
      connectionTimeout: number;
      requestTimeout: number;
      enforceRequestTimeout: boolean;
      socketFactory: (options: { host: string; port: number; onConnect: () => void }) => Socket;
    });
    readonly requestQueue: {
      readonly pending: readonly unknown[];
      /** Requests that wait for a reply, by its number. */
      readonly inflight: ReadonlyMap<number, unknown>;
      fulfillRequest(reply: { readonly correlationId: number }): void;
      scheduleCheckPendingRequests(): void;
      destroy(): void;
    };
    connect(): Promise<unknown>;
    send<T>(call: Call<T>): Promise<T>;
  }
  export type { Decoder, Encoder };
}

declare module "kafkajs/src/protocol/encoder.js" {
  export default class Encoder {
    writeInt8(value: number): this;
    writeInt16(value: number): this;
    writeInt32(value: number): this;
    writeInt64(value: number | string): this;
    writeBoolean(value: boolean): this;
    writeString(value: string | null): this;
    writeBytes(value: Buffer): this;
    writeUVarInt(value: number): this;
    writeUVarIntString(value: string): this;
    writeEncoder(value: Encoder): this;
  }
}

declare module "kafkajs/src/protocol/decoder.js" {
  export default class Decoder {
    constructor(buffer: Buffer);
    readonly buffer: Buffer;
    /** Where in it the next is read. */
    offset: number;
    readInt8(): number;
    readInt16(): number;
    readInt32(): number;
    readBoolean(): boolean;
    readString(): string | null;
    readBytes(length?: number): Buffer | null;
    readArray<T>(read: (decoder: Decoder) => T): T[];
    readUVarInt(): number;
    readUVarIntString(): string | null;
    readUVarIntArray<T>(read: (decoder: Decoder) => T): T[] | null;
    readTaggedFields(): unknown;
  }
}

declare module "kafkajs/src/protocol/error.js" {
  const errors: { createErrorFromCode(code: number): Error & { readonly type?: string } };
  export default errors;
}
