/** What a server begins with, where it can be told from a few letters; none that is guarded here begins so. */
const beginnings: readonly (readonly [RegExp, string])[] = [
  [/^HTTP\/\d/, "HTTP"],
  [/^SSH-\d/, "SSH"],
  [/^220[ -]/, "SMTP or FTP"],
];

/** The protocol that these first bytes are of; undefined where they are of none that is known. */
export function protocolOf(first: Uint8Array): string | undefined {
  const [kind = 0, major, minor = 0xff] = first;
  // A record of TLS: an alert or a handshake, and a version.
  if ((kind === 0x15 || kind === 0x16) && major === 3 && minor <= 4) return "TLS";
  const head = Buffer.from(first.subarray(0, 16)).toString("latin1");
  return beginnings.find(([begins]) => begins.test(head))?.[1];
}
