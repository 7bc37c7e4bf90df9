import { createSocket } from "node:dgram";
import { once } from "node:events";

/** What a name of the zone is: its addresses, or an answer without any. */
export interface Zone {
  readonly [name: string]: readonly string[] | "SERVFAIL" | "REFUSED" | "silent";
}

const codes = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

/** A DNS server on a loopback port, by UDP, that knows the names of one zone and no other. */
export async function dnsServer(
  zone: Zone,
): Promise<AsyncDisposable & { readonly port: number; readonly asked: string[] }> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (query, from) => {
    const { name, type, end } = question(query);
    asked.push(`${name} ${type === 28 ? "AAAA" : "A"}`);
    const known = Object.hasOwn(zone, name) ? zone[name] : undefined;
    if (known === "silent") return;
    const code = known === undefined ? codes.NXDOMAIN : typeof known === "string" ? codes[known] : 0;
    const all = typeof known === "object" ? known : [];
    const records = all.flatMap((address) => record(address, type));
    const head = Buffer.from([
      ...query.subarray(0, 2),
      0x81,
      0x80 | code,
      0,
      1,
      0,
      records.length,
      0,
      0,
      0,
      0,
    ]);
    socket.send(Buffer.concat([head, query.subarray(12, end), ...records]), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    asked,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

function question(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** A record of this address, where the question is for its kind. */
function record(address: string, type: number): readonly Buffer[] {
  const v6 = address.includes(":");
  if (v6 !== (type === 28)) return [];
  const bytes = v6 ? v6Bytes(address) : address.split(".").map(Number);
  return [Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, bytes.length, ...bytes])];
}

/** Of one with a single `::`. */
function v6Bytes(address: string): readonly number[] {
  const [left = [], right = []] = address
    .split("::")
    .map((half) => half.split(":").filter((group) => group !== ""));
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
}
