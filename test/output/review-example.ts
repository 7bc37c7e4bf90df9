import { at, declared, Desks, minute, policy } from "../incident/chains.ts";

/** An incident with answers, findings, and a mark-up that somebody typed. */
export function day(): Desks {
  const desks = new Desks();
  const objectives = { mttr: 120 * minute };
  desks.write("ny1", 0, "incident.declared", {
    ...declared({
      started: { at: at(-11) },
      policy: { ...policy, objectives },
      impact: "<script>alert(1)</script>",
    }),
    person: "ada",
  });
  desks.write("ny1", 3, "incident.answer", { person: "bob", by: "pagerduty" });
  desks.write("ny1", 16, "incident.answer", { person: "rosa", by: "phone" });
  desks.put("ny1", 20, "finding", { step: "health", status: "failed", sentence: "503" });
  desks.put("ny1", 30, "finding", { step: "health", status: "ok", sentence: "200" });
  desks.write("ny1", 60, "incident.fact", {
    name: "mitigated",
    at: { at: at(60) },
    value: "routed",
    how: "typed",
  });
  desks.write("ny1", 90, "incident.resolved", { message: "the venue is back" });
  return desks;
}
