import { readPublicKey } from "../ssh/key.ts";
import { list, map, object, optional, required, text } from "../language/shape.ts";
import type { Problems } from "../language/problems.ts";
import type { Node } from "../language/yaml.ts";
import type { Approver } from "./platform.ts";

const publicKey = text({ template: "none", instead: "Give the key as in the .pub file." });
const login = text({ template: "none", instead: "A login is the same everywhere." });

/** `approvers:` of the platform file: names, each with its public keys. */
export const approversShape = map(
  object(
    {
      keys: required(list(publicKey, { min: 1 }), "Their SSH public keys, as in the .pub files."),
      logins: optional(list(login, { min: 1 }), "Their logins, where they are not their name."),
    },
    { primary: "keys" },
  ),
);

type Read = NonNullable<(typeof approversShape)["type"]> | undefined;

export function approversOf(read: Read): readonly Approver[] {
  return Object.entries(read ?? {}).map(([name, { keys, logins }]) => ({ name, keys, logins: logins ?? [] }));
}

/** Bits of an RSA key: fewer have not been accepted since 2014 (NIST SP 800-131A). */
const leastBits = 2048;

/** Names stand in a file of ssh-keygen's, where `*` and `,` mean something; and one key is one person's. */
export function checkApprovers(read: Read, platform: Node, problems: Problems): void {
  const entry = platform.type === "map" ? platform.entries.find(({ key }) => key === "approvers") : undefined;
  const entries = entry?.value.type === "map" ? entry.value.entries : [];
  const holders = new Map<string, string>();
  for (const { key: name, keySpan } of entries) {
    if (!/^[A-Za-z0-9][\w.@-]*$/.test(name)) {
      const hint = "Letters and digits, and after the first . _ @ - as well.";
      problems.add(keySpan, `${name} is not a valid name for an approver`, hint);
    }
    for (const line of read?.[name]?.keys ?? []) {
      const key = readPublicKey(line);
      if (key === undefined) {
        problems.add(keySpan, `a key of ${name} is not an SSH public key`, "Copy the line of the .pub file.");
        continue;
      }
      if (key.bits !== undefined && key.bits < leastBits) {
        const hint = `One of at least ${leastBits}, or better an Ed25519 key: ssh-keygen -t ed25519.`;
        problems.add(
          keySpan,
          `a key of ${name} is an RSA key of ${key.bits} bits, which can be forged`,
          hint,
        );
      }
      const holder = holders.get(key.fingerprint) ?? name;
      holders.set(key.fingerprint, holder);
      if (holder === name) continue;
      const hint = "They would count as two people.";
      problems.add(keySpan, `${holder} and ${name} have the same key ${key.fingerprint}`, hint);
    }
  }
}
