import { readPublicKey } from "../ssh/key.ts";
import { nearest } from "../base/suggest.ts";
import type { Problems } from "../language/problems.ts";
import { list, map, object, optional, required, text } from "../language/shape.ts";
import type { Node } from "../language/yaml.ts";
import { keyPlace, placeOf } from "./place.ts";

/** Who responds: people with the ways to reach them, the teams that they are in, and the desks that write. */
const line = text({ template: "none", instead: "Write it out." });
const login = text({ template: "none", pattern: { test: /^[\w.@-]+$/, says: "a login" } });
const phone = text({
  template: "none",
  pattern: {
    test: /^\+[1-9](?:[ .()-]*[0-9]){6,14}$/,
    says: "a number with its country's code, such as +44 20 7946 0000",
  },
});
const slackId = text({
  template: "none",
  pattern: { test: /^[UW][A-Z0-9]+$/, says: "a Slack member id, such as U024BE7LH" },
});
const pagerdutyId = text({
  template: "none",
  pattern: { test: /^P[A-Z0-9]+$/, says: "a PagerDuty user id, such as PXPGF42" },
});
const email = text({
  template: "none",
  pattern: { test: /^[^\s@<>,]+@[^\s@<>,]+\.[^\s@<>,]+$/, says: "an address such as ada@example.com" },
});

export const peopleShape = map(
  object({
    name: required(line, "The name as others know it."),
    logins: optional(list(login, { min: 1 }), "Logins on the desks; the id by default."),
    phone: optional(phone, "A number for calls and SMS, with its country's code."),
    slack: optional(slackId, "The Slack member id: an answer in Slack is then theirs."),
    pagerduty: optional(pagerdutyId, "The PagerDuty user id: an acknowledgement there is then theirs."),
    email: optional(email, "The address for e-mail."),
  }),
);
export const teamsShape = map(list(line));
export const desksShape = map(line);

export type PeopleRead = NonNullable<(typeof peopleShape)["type"]>;

/** A person who can be paged, who answers, and who holds roles. */
export type Person = Omit<PeopleRead[string], "logins"> & {
  readonly id: string;
  readonly logins: readonly string[];
};

export type Teams = Readonly<Record<string, readonly string[]>>;
/** A desk's name and the public key that its chain is signed with. */
export type Desks = Readonly<Record<string, string>>;

export function peopleOf(read: PeopleRead): Readonly<Record<string, Person>> {
  return Object.fromEntries(
    Object.entries(read).map(([id, { logins, ...rest }]) => [id, { id, logins: logins ?? [id], ...rest }]),
  );
}

const idForm = /^[a-z][a-z0-9_-]*$/;

/** Whoever is named must be there, and one login, number or id is one person's. */
export function checkPeople(
  people: Readonly<Record<string, Person>>,
  teams: Teams,
  root: Node,
  problems: Problems,
): void {
  for (const section of [["people", people] as const, ["teams", teams] as const]) {
    for (const id of Object.keys(section[1])) {
      if (idForm.test(id)) continue;
      const hint = "Small letters and digits, and after the first _ and - as well.";
      problems.add(keyPlace(root, [section[0]], id), `${id} is not a valid id in ${section[0]}`, hint);
    }
  }
  checkShared(people, root, problems);
  for (const [team, members] of Object.entries(teams)) {
    if (Object.hasOwn(people, team)) {
      const hint = "Whom to page would be ambiguous: rename one of them.";
      problems.add(keyPlace(root, ["teams"], team), `${team} is both a team and a person`, hint);
    }
    for (const [at, member] of members.entries()) {
      if (Object.hasOwn(people, member)) continue;
      const near = nearest(member, Object.keys(people));
      const hint = near === undefined ? "Add them to people." : `Did you mean ${near}?`;
      problems.add(placeOf(root, ["teams", team, at]), `${team} names ${member}, who is not in people`, hint);
    }
  }
}

/** What an answer is recognised by belongs to one person, or it would count for two. */
function checkShared(people: Readonly<Record<string, Person>>, root: Node, problems: Problems): void {
  const holders = new Map<string, string>();
  for (const { id, logins, phone: number, slack, pagerduty, email: address } of Object.values(people)) {
    const marks: readonly (readonly [string, string, string | undefined])[] = [
      ...logins.map((one) => ["logins", "the login", one] as const),
      ["phone", "the number", number?.replaceAll(/[^+0-9]/g, "")],
      ["slack", "the Slack id", slack],
      ["pagerduty", "the PagerDuty id", pagerduty],
      ["email", "the address", address?.toLowerCase()],
    ];
    for (const [field, what, mark] of marks) {
      if (mark === undefined) continue;
      const holder = holders.get(`${field} ${mark}`);
      holders.set(`${field} ${mark}`, holder ?? id);
      if (holder === undefined || holder === id) continue;
      const message = `${holder} and ${id} have ${what} ${mark}`;
      problems.add(
        placeOf(root, ["people", id, field]),
        message,
        "An answer from it could be from either of them.",
      );
    }
  }
}

/** A desk's line is a key that an SSH signature can be checked with. */
export function checkDesks(desks: Desks, root: Node, problems: Problems): void {
  const holders = new Map<string, string>();
  for (const [name, line_] of Object.entries(desks)) {
    const place = keyPlace(root, ["desks"], name);
    if (!/^[a-z][a-z0-9]*$/.test(name))
      problems.add(place, `${name} is not a valid name for a desk`, "Small letters and digits, such as ny1.");
    const key = readPublicKey(line_);
    if (key?.type !== "ssh-ed25519") {
      problems.add(
        placeOf(root, ["desks", name]),
        `${name} has no Ed25519 key`,
        "lav-ir desk prints the line.",
      );
      continue;
    }
    const holder = holders.get(key.fingerprint);
    holders.set(key.fingerprint, holder ?? name);
    if (holder !== undefined)
      problems.add(
        place,
        `${holder} and ${name} have the same key ${key.fingerprint}`,
        "A key is one desk's.",
      );
  }
}
