import { expect, test } from "vitest";
import { protocolOf } from "../../src/drivers/protocol.ts";

test.each<[string | Buffer, string | undefined]>([
  ["HTTP/1.1 400 Bad Request\r\n", "HTTP"],
  [Buffer.from([0x15, 3, 3, 0, 2, 2, 70]), "TLS"],
  [Buffer.from([0x16, 3, 1, 2, 0, 1]), "TLS"],
  ["SSH-2.0-OpenSSH_9.2\r\n", "SSH"],
  ["220 mail.internal ESMTP\r\n", "SMTP or FTP"],
  // What those who are asked say themselves.
  [Buffer.from([0, 0, 0, 12, 0, 0, 0, 1]), undefined],
  ["R\0\0\0\x08", undefined],
  ["S", undefined],
  ["+OK\r\n", undefined],
  ["-NOAUTH Authentication required.\r\n", undefined],
  ["", undefined],
])("%j", (first, protocol) => {
  expect(protocolOf(Buffer.from(first))).toBe(protocol);
});
