import { describe, expect, test } from "vitest";
import { fail, ok } from "../../../src/base/result.ts";
import type { Redis } from "../../../src/ports/ports.ts";
import { redisState } from "../../../src/evidence/collectors/redis.ts";
import { findings, gathered, missing } from "./context.ts";

const target = "127.0.0.1:6379/0";
const seconds = (): string => String(Math.floor(Date.now() / 1000) + 3600);

/** Replies by the command's first words; others are refused. */
function redis(replies: Readonly<Record<string, unknown>>): {
  readonly redis: Redis;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const command: Redis["command"] = (words) => {
    const line = words.map(String).join(" ");
    asked.push(line);
    const [found] = Object.entries(replies).filter(([known]) => line.startsWith(known));
    if (found !== undefined) return Promise.resolve(ok(found[1]));
    return Promise.resolve(
      fail({ type: "rejected", target, code: "NOPERM", message: `no ${line}` } as const),
    );
  };
  return { asked, redis: { target, command } };
}

const all = {
  TIME: [seconds(), "0"],
  INFO: "redis_version:7.2\r\nused_memory:95\r\nmaxmemory:100\r\nblocked_clients:2\r\nconnected_clients:9\r\nrdb_last_bgsave_status:err\r\nmaster_link_status:down\r\n",
  "SLOWLOG GET": [[1, 1_700_000_000, 5000, ["SET", "key", "never-to-be-shown"], "127.0.0.1:5", "name"]],
  "LATENCY LATEST": [],
  "LATENCY DOCTOR": "well",
  "MEMORY STATS": ["peak.allocated", 7],
  "MEMORY DOCTOR": "well",
  "CLIENT LIST": "id=1",
  "CONFIG GET maxclients": ["maxclients", "100"],
  "CONFIG GET": [],
  ROLE: ["master", 0, []],
  "XINFO STREAM orders": ["length", 2, "first-entry", ["1-1", ["card", "never-to-be-shown"]], "groups", 1],
  "XINFO GROUPS orders": [["name", "workers", "pending", 3]],
};

describe("Redis", () => {
  test("what wants to be seen first; of commands and streams no values", async () => {
    const ports = redis(all);
    const taken = await gathered(redisState(target, ["orders"]), ports);
    expect([taken.failure, missing(taken)]).toEqual([undefined, []]);
    expect(findings(taken)).toEqual([
      "Redis uses 95 % of its maxmemory",
      "Redis: its last save failed",
      "Redis: its master does not answer",
      "Redis: 2 clients wait in a blocking command",
    ]);
    expect(JSON.stringify(taken.files)).not.toContain("never-to-be-shown");
    expect(JSON.parse(taken.files["slowlog.json"] ?? "")).toMatchObject([
      { command: "SET", key: "key", sizes: [17] },
    ]);
    expect(JSON.parse(taken.files["streams/orders.json"] ?? "")).toEqual({
      stream: { length: 2, groups: 1 },
      groups: [{ name: "workers", pending: 3 }],
    });
    expect(JSON.parse(taken.files["config.json"] ?? "")).toEqual({ maxclients: "100" });
    const [clock] = taken.facts.flatMap((fact) => (fact.type === "clock" ? [fact.ahead] : []));
    expect(Math.abs((clock ?? 0) - 3_600_000)).toBeLessThan(10_000);
    expect(ports.asked.join("\n")).not.toMatch(/^(?:KEYS|MONITOR|SCAN|GET|CONFIG GET (?:requirepass|\*))/m);
  });

  test("each command that is refused costs its own part; settings are then not asked for one by one", async () => {
    const { "MEMORY DOCTOR": _doctor, "CONFIG GET": _get, "CONFIG GET maxclients": _max, ...rest } = all;
    const ports = redis(rest);
    const taken = await gathered(redisState(target, ["orders", "fills"]), ports);
    expect(missing(taken).map((one) => one.slice(0, one.indexOf(":")))).toEqual([
      "MEMORY DOCTOR",
      "CONFIG GET",
      "stream fills",
    ]);
    expect(ports.asked.filter((line) => line.startsWith("CONFIG"))).toHaveLength(1);
  });

  test("who does not tell the time is asked nothing more", async () => {
    const ports = redis({});
    const taken = await gathered(redisState(target, []), ports);
    expect([taken.failure?.type, ports.asked]).toEqual(["rejected", ["TIME"]]);
  });

  test("a cluster and a sentinel are asked what only they know", async () => {
    const cluster = redis({ ...all, INFO: "cluster_enabled:1\r\n", CLUSTER: "cluster_state:ok" });
    expect(Object.keys((await gathered(redisState(target, []), cluster)).files)).toContain(
      "cluster-nodes.txt",
    );
    const sentinel = redis({ ...all, INFO: "redis_mode:sentinel\r\n", "SENTINEL MASTERS": [["name", "a"]] });
    const { files } = await gathered(redisState(target, []), sentinel);
    expect(JSON.parse(files["sentinel-masters.json"] ?? "")).toEqual([{ name: "a" }]);
  });
});
