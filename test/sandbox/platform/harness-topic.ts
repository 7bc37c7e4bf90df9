import type { Kafka } from "../../../sandbox/kafkajs.ts";

/** The topic `market-regime` and its group, as a broker sees them. */
export interface RegimeTopic {
  /** Messages ever written, all partitions together. */
  readonly end: () => Promise<number>;
  /** Messages the group has done with. */
  readonly committed: () => Promise<number>;
  readonly members: () => Promise<number>;
  close(): Promise<void>;
}

export async function openRegimeTopic(kafka: Kafka): Promise<RegimeTopic> {
  const admin = kafka.admin();
  await admin.connect();
  const [topic, groupId] = ["market-regime", "market-sentinel-group"];
  return {
    async end() {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets.reduce((sum, { offset }) => sum + Number(offset), 0);
    },
    async committed() {
      const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
      return (group?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
    },
    async members() {
      const { groups } = await admin.describeGroups([groupId]);
      return groups[0]?.members.length ?? 0;
    },
    close: async () => await admin.disconnect(),
  };
}
