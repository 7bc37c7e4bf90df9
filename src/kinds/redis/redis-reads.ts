/** Commands that only read, by their first word. None of them blocks, and none walks the whole key space. */
const reads = new Set(
  `PING ECHO TIME DBSIZE LASTSAVE ROLE RANDOMKEY INFO
  EXISTS TYPE TTL PTTL EXPIRETIME PEXPIRETIME SCAN DUMP
  GET MGET GETRANGE SUBSTR STRLEN GETBIT BITCOUNT BITPOS BITFIELD_RO LCS
  HGET HMGET HGETALL HKEYS HVALS HLEN HEXISTS HSTRLEN HSCAN HRANDFIELD
  LLEN LRANGE LINDEX LPOS
  SCARD SMEMBERS SISMEMBER SMISMEMBER SSCAN SRANDMEMBER SDIFF SINTER SINTERCARD SUNION
  ZCARD ZCOUNT ZLEXCOUNT ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZRANGEBYLEX ZREVRANGEBYLEX
  ZRANK ZREVRANK ZSCORE ZMSCORE ZSCAN ZRANDMEMBER ZDIFF ZINTER ZINTERCARD ZUNION
  XLEN XRANGE XREVRANGE XPENDING
  GEODIST GEOHASH GEOPOS GEOSEARCH GEORADIUS_RO GEORADIUSBYMEMBER_RO SORT_RO`.split(/\s+/),
);

/** Commands of two words. */
const subcommands: Readonly<Record<string, readonly string[]>> = {
  CLIENT: ["INFO", "LIST", "ID"],
  CLUSTER: ["INFO", "NODES", "SLOTS", "SHARDS", "MYID", "KEYSLOT", "COUNTKEYSINSLOT"],
  COMMAND: ["COUNT", "INFO"],
  CONFIG: ["GET"],
  LATENCY: ["LATEST", "HISTORY", "DOCTOR"],
  MEMORY: ["USAGE", "STATS", "DOCTOR"],
  OBJECT: ["ENCODING", "FREQ", "IDLETIME", "REFCOUNT"],
  PUBSUB: ["CHANNELS", "NUMSUB", "NUMPAT"],
  SLOWLOG: ["GET", "LEN"],
  XINFO: ["STREAM", "GROUPS", "CONSUMERS"],
};

export const readCommands: readonly string[] = [
  ...reads,
  ...Object.entries(subcommands).flatMap(([verb, words]) => words.map((word) => `${verb} ${word}`)),
];

/** Why a command may not run as a read; undefined when it may. */
export function refusalOfCommand(command: readonly unknown[]): string | undefined {
  const [verb, second, ...more] = command.map((word) => (typeof word === "string" ? word : ""));
  if (verb === undefined || verb === "") return "there is no command in it";
  if (/\s/.test(verb)) return `${verb} is one word of the list: write each word as an item of its own`;
  const name = verb.toUpperCase();
  if (reads.has(name)) return undefined;
  const words = subcommands[name];
  if (words === undefined) {
    if (name === "KEYS") return "KEYS stops the server until it has walked every key; SCAN does not";
    return `${name} is not among the commands that only read; redis.set and redis.del change something`;
  }
  const word = (second ?? "").toUpperCase();
  if (!words.includes(word))
    return `${name} ${word} is none of ${words.map((w) => `${name} ${w}`).join(", ")}`;
  if (name !== "CONFIG") return undefined;
  const secret = more.find((setting) => /[*?[]|pass|auth|user|key/i.test(setting));
  return secret === undefined
    ? undefined
    : `CONFIG GET ${secret} could show a password; name settings without one`;
}
