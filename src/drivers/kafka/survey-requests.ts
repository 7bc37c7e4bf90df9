import type { Call } from "kafkajs/src/network/connection.js";
import type { SurveySettings } from "../../ports/evidence.ts";
import { kafkaCall } from "./wire.ts";

export interface Resource {
  readonly of: "topic" | "broker";
  readonly name: string;
}

/** Kafka's numbers for what has settings, and for where a setting can be its own. */
const kinds = { topic: 2, broker: 4 } as const;
const own: ReadonlySet<number> = new Set([1, 2, 3, 4]);

export interface ResourceReply extends SurveySettings {
  readonly error: number;
  readonly message: string | null;
}

/** A broker tells its own settings only itself; any of them tells those of topics. */
export async function readManySettings(resources: readonly Resource[]): Promise<Call<ResourceReply[]>> {
  return await kafkaCall(
    "DescribeConfigs",
    (e) => {
      e.writeInt32(resources.length);
      for (const { of, name } of resources) e.writeInt8(kinds[of]).writeString(name).writeInt32(-1);
      e.writeBoolean(false);
    },
    (d) => {
      d.readInt32();
      return d.readArray(() => {
        const head = { error: d.readInt16(), message: d.readString() };
        const of = d.readInt8() === kinds.broker ? "broker" : "topic";
        const name = d.readString() ?? "";
        let sensitive = 0;
        const read = d.readArray(() => {
          const setting = { name: d.readString() ?? "", value: d.readString() };
          d.readBoolean(); // read-only
          const source = d.readInt8();
          // A value the broker calls sensitive is not kept, should it ever send one.
          const secret = d.readBoolean();
          d.readArray(() => [d.readString(), d.readString(), d.readInt8()]);
          if (secret) sensitive++;
          return { ...setting, secret, own: of === "topic" ? source === 1 : own.has(source) };
        });
        const settings = read
          .flatMap(({ name: key, value, secret, own: its }) =>
            secret || value === null ? [] : [{ name: key, value, own: its }],
          )
          .toSorted((a, b) => (a.name < b.name ? -1 : 1));
        return { ...head, of, name, settings, sensitive } as const;
      });
    },
  );
}
