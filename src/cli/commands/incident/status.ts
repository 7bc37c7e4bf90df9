import { printable } from "../../../base/printable.ts";
import { nobodyFollows, nobodySends, sendingAt } from "../../../app/incident/sender-lives.ts";
import { chosenPlace, damagedText, respondersOf, type Scene } from "../../../app/incident/scene.ts";
import { readStanding } from "../../../app/incident/standing.ts";
import { refuse } from "../../../app/context/refuse.ts";
import { show } from "../../../app/context/telling.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";
import { statusLines, type StatusNames } from "../../../output/incident-status.ts";

/** `lav-ir status`: the screen of the open incident; reads records alone. */
export async function status(world: World, options: GlobalOptions): Promise<number> {
  const place = await chosenPlace(world, options, { closed: true });
  if (!place.ok) return refuse(world, options, place.failure);
  const { plan } = await respondersOf(world, options, "status");
  const { status: data, now, problem } = await readStanding(place.value, world.version);
  if (problem !== undefined && options.json !== true)
    world.stderr.write(`${printable(damagedText(data.number, problem))}\n`);
  const { number: incident, severity, state, ...figures } = data;
  const row = { type: "incident.status" as const, incident, severity, state, figures, problem };
  show(world, options, [row], () => {
    const columns = world.stdout.columns ?? 80;
    return statusLines(
      data,
      now,
      columns === 0 ? 80 : columns,
      namesOf({ plan, place: place.value, status: data }),
    );
  });
  return 0;
}

/** What a screen names people by, and whether anybody sends. */
export function namesOf({
  plan,
  place,
  status: { severity, messages, state },
}: Pick<Scene, "plan" | "place" | "status">): StatusNames {
  const paged = Object.keys(messages).length > 0 && state === "open";
  const missed = messages["queued"] === undefined ? nobodyFollows : nobodySends;
  return {
    sender: paged ? missed(sendingAt(place.store.place))[0] : undefined,
    severity: severity === undefined ? "" : plan.severities[severity].name,
    deputies: plan.teams["deputies"] ?? [],
    call: (person) => {
      const phone = plan.people[person]?.phone;
      return phone === undefined ? undefined : `call ${phone}`;
    },
  };
}
