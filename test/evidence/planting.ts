import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";

import pg from "pg";
import { engineJson } from "../../sandbox/docker.ts";
import { kafkaClient } from "../../sandbox/kafka-client.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { canariesFor, type Canary } from "./canaries.ts";

/** What was planted, and how what still holds it is taken away. */
export interface Planted {
  readonly canaries: readonly Canary[];
  remove(): Promise<void>;
}

const texts = (canaries: readonly Canary[]): readonly string[] => canaries.map(({ text }) => text);

/** A container of the project: in its environment, labels, arguments, and in what it wrote to both streams. */
export async function plantContainer(stack: Stack): Promise<Planted> {
  const host = stack.state.dockerHost;
  const { project } = stack.state;
  const named = ["environment", "label", "argument", "stdout", "stderr"] as const;
  const all = Object.fromEntries(named.map((name) => [name, canariesFor(`container's ${name}`)]));
  const of = (name: (typeof named)[number]): readonly string[] => texts(all[name] ?? []);
  const plain = randomBytes(20).toString("hex");
  const [image] = (await stack.containers()).filter(({ service }) => service === "gateway");
  const { Config } = (await engineJson(host, { path: `/containers/${image?.id}/json` })) as {
    Config: { Image: string };
  };
  // In pieces that interleave, so that a line of one stream is cut in two by the other.
  const script = `
    const [out, err] = JSON.parse(process.env.LINES);
    const half = (text) => [text.slice(0, text.length / 2), text.slice(text.length / 2)];
    (async () => {
      for (let at = 0; at < out.length; at++) {
        const [a, b] = half(out[at] + "\\n"), [c, d] = half(err[at] + "\\n");
        for (const [stream, text] of [[process.stdout, a], [process.stderr, c], [process.stdout, b], [process.stderr, d]]) {
          stream.write(text);
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      }
      process.stdout.write("planted\\n");
      setInterval(() => {}, 1 << 30);
    })();`;
  const { Id } = (await engineJson(host, {
    method: "POST",
    path: `/containers/create?name=${project}-canary-1`,
    json: {
      Image: Config.Image,
      Cmd: ["/opt/node/bin/node", "-e", script, ...of("argument").filter((text) => !text.includes("\n"))],
      Env: [
        ...of("environment").map((text, at) => `PLANTED_${at}=${text}`),
        `LINES=${JSON.stringify([of("stdout"), of("stderr")])}`,
        `PLAIN=${plain}`,
      ],
      Labels: {
        "com.docker.compose.project": project,
        "com.docker.compose.service": "canary",
        ...Object.fromEntries(of("label").map((text, at) => [`planted.${at}`, text])),
      },
    },
  })) as { Id: string };
  await engineJson(host, { method: "POST", path: `/containers/${Id}/start` });
  return {
    canaries: [
      ...Object.values(all).flat(),
      { place: "container's environment", shape: "under no telling name", text: plain, secret: plain },
    ],
    remove: async () => {
      await engineJson(host, { method: "DELETE", path: `/containers/${Id}?force=1` }, [404]);
    },
  };
}

/** Rows, a running statement, settings of a role, the text of a function and of a view. */
export async function plantDatabase(stack: Stack): Promise<Planted> {
  const admin = new pg.Client({ connectionString: stack.env["DATABASE_ADMIN_URL"] });
  admin.on("error", () => {});
  await admin.connect();
  const rows = canariesFor("database row");
  const masked = canariesFor("masked column").map((one) => ({ ...one, shape: `${one.shape}, bare` }));
  const [query, setting, source] = ["running statement", "role's setting", "function's text"].map(
    canariesFor,
  );
  const literal = (text: string): string => admin.escapeLiteral(text);
  const lines = (of: readonly Canary[] | undefined): string => texts(of ?? []).join("\n");
  await admin.query("CREATE TABLE planted (id int PRIMARY KEY, note text, client text, api_token text)");
  for (const [at, { text }] of rows.entries()) {
    const bare = masked[at]?.secret;
    await admin.query("INSERT INTO planted VALUES ($1, $2, $3, $3)", [at, text, bare]);
  }
  await admin.query("GRANT SELECT ON planted TO lav_ops");
  await admin.query(
    `CREATE FUNCTION planted_call() RETURNS text LANGUAGE sql AS ${literal(`SELECT ${literal(lines(source))}`)}`,
  );
  await admin.query(`ALTER ROLE lav SET planted.note = ${literal(lines(setting))}`);
  // What a client sent last is shown for as long as it is connected.
  await admin.query(`SELECT 1 /* ${lines(query).slice(0, 1900)} */`);
  return {
    canaries: [...rows, ...masked, ...(query ?? []), ...(setting ?? []), ...(source ?? [])],
    remove: async () => {
      await admin.query("DROP FUNCTION planted_call; DROP TABLE planted; ALTER ROLE lav RESET planted.note");
      await admin.end();
    },
  };
}

/** Keys, values, the slow log, a client's name, a stream with its messages and groups. */
export async function plantRedis(stack: Stack): Promise<Planted> {
  const redis = new Redis(stack.env["REDIS_URL"] ?? "");
  const [keys, values, slow, messages] = ["key", "value", "slow command", "message"].map((place) =>
    canariesFor(`Redis ${place}`),
  );
  await redis.config("SET", "slowlog-log-slower-than", "0");
  for (const [at, { text }] of (keys ?? []).entries()) await redis.set(text, values?.[at]?.text ?? "");
  for (const { text } of slow ?? []) await redis.call("ECHO", text);
  for (const { text } of messages ?? []) await redis.xadd("planted", "*", "field", text, text, "value");
  await redis.xgroup("CREATE", "planted", messages?.[2]?.text ?? "", "0");
  await redis.call("CLIENT", "SETNAME", (keys?.[7]?.text ?? "").replaceAll(" ", "_"));
  return {
    canaries: [...(keys ?? []), ...(values ?? []), ...(slow ?? []), ...(messages ?? [])],
    remove: async () => {
      await redis.config("SET", "slowlog-log-slower-than", "10000");
      await redis.call("SLOWLOG", "RESET");
      await redis.del("planted", ...texts(keys ?? []));
      redis.disconnect();
    },
  };
}

/** A topic's name, and names of groups; of messages nothing is ever read. */
export async function plantKafka(stack: Stack): Promise<Planted> {
  const client = await kafkaClient(stack.env["KAFKA_BROKERS"] ?? "");
  const groups = canariesFor("Kafka group");
  const messages = canariesFor("Kafka message");
  const topic = canariesFor("Kafka topic").filter(({ shape }) => shape === "cloud");
  const name = topic[0]?.secret ?? "";
  await client.topic(name, { config: { "retention.ms": "3600000" } });
  for (const { text } of messages) await client.send(name, 0, [text]);
  for (const { text } of groups) await client.commit(text, name, { 0: 0 });
  return {
    canaries: [...groups, ...messages, ...topic],
    remove: async () => {
      await client.admin.deleteGroups(groups.map(({ text }) => text));
      await client.admin.deleteTopics({ topics: [name] });
      await client.stop();
    },
  };
}
