import { lagOf, restless } from "../shared/group.ts";
import type { Bus } from "../shared/kafka.ts";
import type { Pool } from "../shared/postgres.ts";

export const executioners = { group: "executioner-group", topic: "orders" } as const;

/** Orders between the topic and their end, over all instances: what is missing until there is none. */
export async function ordersUnderway(bus: Bus, pool: Pool): Promise<string[]> {
  const { group, topic } = executioners;
  const look = await bus.group(group, topic);
  const lag = lagOf(look);
  const [row] = await pool.rows("SELECT count(*) AS pending FROM orders WHERE status = 'pending'");
  const pending = Number(row?.["pending"]);
  return [
    ...restless(group, look),
    ...(lag === 0 ? [] : [`${lag} orders are in the topic and no executioner has done with them`]),
    ...(pending === 0 ? [] : [`${pending} orders are pending`]),
  ];
}
