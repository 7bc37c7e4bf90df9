import { sections, sectionNames, type SectionName } from "../../src/incident/review/sections.ts";

/** What the people of the day write into their review. */
const written: Readonly<Record<SectionName, string>> = {
  financial: "No position was lost. What two hours without orders cost is not computed yet: see Revenue.",
  operational:
    "Executioner filled no order from 09:31; trading was halted from 09:42 until it resumed in stages.",
  reputational: "The venues' desks were told once, by webhook. Nobody outside has asked.",
  response:
    "Halted within a minute of the declaration. The executives were briefed late: the commander was on the bridge, " +
    "and nobody held the comms role.",
  communication:
    "Every channel failed once, and every message arrived. Max was reached by telephone, because he had answered STOP.",
  tooling: "The reminder for the first update went to the commander alone, who was speaking.",
  technical:
    "The certificate of the line to the venues expired at 09:30; the gateway keeps no connection without it.",
  contributing: "Its renewal was a calendar entry of one person, who was on leave.",
  human:
    "The alert of 09:36 names executioner and not the line, so the first look was at the wrong part. Two people at one " +
    "desk read each other's records, and no work was done twice.",
  well: "Evidence was sealed before anything was restarted. Command was handed over with the state read back.",
  improve: "Somebody else than the commander briefs the executives.",
  lessons: "A certificate that one person renews is an outage with a date.",
};

/** A review as it was begun, with what people write in the place of what is asked. */
export function filledIn(review: string): string {
  return sectionNames.reduce((text, name) => {
    const asked = `<!-- ${sections[name].asks} -->`;
    if (!text.includes(asked)) throw new Error(`the review does not ask for ${name}`);
    return text.replace(asked, written[name]);
  }, review);
}
