/**
 * A run's proof that trading is halted, as its records tell: of a halt that it made, or of one that it only looked at.
 * A step tells at its end what it found, and at its beginning what it was about.
 */
type Data = Readonly<Record<string, unknown>>;

/** How the action begins of each step that proves that all trading is halted. */
const proves = /^trading\.(?:halt: halt all at|proof: prove that all is halted at) /;

/** Of `step.started`: which step is about to prove it; undefined of any other. */
export function beginsProof(data: Data): string | undefined {
  return proves.test(String(data["action"])) ? stepIn(data) : undefined;
}

/** Of `step.finished`: the halt that was proven, by its id or else the step's; undefined where none was. */
export function provenHalt(data: Data, begun: ReadonlySet<string>): string | undefined {
  const outputs = data["outputs"];
  if (!begun.has(stepIn(data)) || typeof outputs !== "object" || outputs === null) return undefined;
  // Older versions called it outcome.
  const { outcome, verdict = outcome, halts } = outputs as Data;
  if (verdict !== "PROVEN") return undefined;
  const first: unknown = Array.isArray(halts) ? halts[0] : undefined;
  return typeof first === "string" ? first : stepIn(data);
}

/** Of `step.finished`: whether it is the proof, if its step was about to prove. */
export function mayProve(data: Data): boolean {
  return provenHalt(data, new Set([stepIn(data)])) !== undefined;
}

function stepIn(data: Data): string {
  return `${String(data["run"])} ${String(data["step"])}`;
}
