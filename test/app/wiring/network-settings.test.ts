import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { networkSettings } from "../../../src/app/wiring/network-settings.ts";
import type { World } from "../../../src/app/context/world.ts";
import type { Platform } from "../../../src/platform/platform.ts";
import { Authority } from "../../drivers/authority.ts";

const authority = new Authority();
afterAll(() => authority[Symbol.dispose]());

const service = { name: "desk", compose: "desk", api: true, instances: [] };
const platform = {
  path: join(authority.folder, "platform.yaml"),
  services: {
    desk: {
      ...service,
      url: "https://desk.internal/api",
      instances: ["https://[::1]:8443"],
      tls: { files: {}, pem: { ca: "desk" } },
    },
    plain: { ...service, url: "https://plain.internal" },
  },
  prometheus: {
    main: { url: "https://metrics.internal/prom", tls: { files: {}, pem: { ca: "prometheus" } } },
  },
  kafka: { main: { brokers: ["kafka-1:9093", "kafka-2"], tls: { files: {}, pem: { ca: "kafka" } } } },
  redis: { main: { url: "rediss://ops@cache", tls: { files: {}, pem: { ca: "redis" } } } },
  tls: { file: "ca.pem", ca: "all" },
} as unknown as Platform;
const world = { env: {}, stderr: { write: () => {} } } as unknown as World;

test("each port has what the platform file says of it", () => {
  const { ca, ports } = networkSettings(world, platform);
  expect(ca).toBe("all");
  expect([...(ports ?? [])]).toEqual([
    ["kafka-1:9093", { ca: "kafka" }],
    ["kafka-2:9092", { ca: "kafka" }],
    ["cache:6379", { ca: "redis" }],
    ["metrics.internal:443", { ca: "prometheus" }],
    ["desk.internal:443", { ca: "desk" }],
    ["[::1]:8443", { ca: "desk" }],
  ]);
});

test("the file of an authority lies beside the platform file, and must hold a certificate", async () => {
  const { authority: read } = networkSettings(world, platform);
  expect(await read?.("ca.pem")).toEqual({ ok: true, value: authority.ca });
  expect(await read?.("none.pem")).toMatchObject({ ok: false });
  expect(await read?.("serial")).toMatchObject({ ok: false });
});
