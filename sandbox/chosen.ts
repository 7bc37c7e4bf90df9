import type { KafkaVersion } from "./kafka.ts";

/**
 * What real tests run on: what is current, unless LAV_TEST_KAFKA (3.9, 4.1) and LAV_TEST_COMPOSE (1, 2) choose
 * what else is promised. `npm run test:matrix` sets both to the older one.
 * @throws when one of them says something else
 */
export function chosen(): { readonly kafka: KafkaVersion; readonly compose: 1 | 2 } {
  const { LAV_TEST_KAFKA: kafka = "4.1", LAV_TEST_COMPOSE: compose = "2" } = process.env;
  if (kafka !== "3.9" && kafka !== "4.1") throw new Error(`LAV_TEST_KAFKA is 3.9 or 4.1, not ${kafka}`);
  if (compose !== "1" && compose !== "2") throw new Error(`LAV_TEST_COMPOSE is 1 or 2, not ${compose}`);
  return { kafka, compose: compose === "1" ? 1 : 2 };
}
