import { writeDuration } from "../base/duration.ts";
import { readValue } from "../language/read.ts";
import type { Problems } from "../language/problems.ts";
import type { Value } from "../language/value.ts";
import type { MapNode, Node } from "../language/yaml.ts";
import { defaultEvery, defaultHold, defaultWithin, verifyShape } from "./fields.ts";
import { entryOf } from "./keys.ts";
import { readItems } from "./parse-items.ts";
import type { StepContext } from "./parse-step.ts";
import type { Need, Verify } from "./runbook.ts";

/** What a rung is judged by; without `verify` by every finding, within and for the default times. */
export function readVerify(node: MapNode, context: StepContext): Verify {
  const entry = entryOf(node, "verify");
  if (entry?.value.type === "list") {
    return { type: "steps", steps: readItems(entry.value, "verify", context) };
  }
  const { problems } = context;
  const read = entry === undefined ? undefined : readValue(entry.value, verifyShape.spec, "verify", problems);
  const fields = read?.type === "fields" ? read.fields : {};
  const { span } = entry?.value ?? node;
  const time = (name: string, otherwise: number): Value =>
    fields[name] ?? { type: "constant", value: otherwise, span };
  const every = time("every", defaultEvery);
  const map = entry?.value.type === "map" ? entry.value : undefined;
  const within = time("within", defaultWithin);
  const hold = readStable(map, fields["stable"], every, problems) ?? time("hold", defaultHold);
  warnOfPause(every, [within, hold], problems);
  return { type: "findings", findings: readFindings(map, problems), within, every, hold };
}

/** Nothing is looked at a second time before it is over. */
function warnOfPause(every: Value, limits: readonly Value[], problems: Problems): void {
  const [pause = 0, ...times] = [every, ...limits].map((value) =>
    value.type === "constant" && typeof value.value === "number" ? value.value : Number.NaN,
  );
  const room = times.reduce((sum, ms) => sum + ms, 0);
  if (!(pause > room)) return;
  const message = `every is ${writeDuration(pause)}, and within and hold are over after ${writeDuration(room)}`;
  problems.under("timeout").warn(every.span, message, "Write a shorter every, or a longer hold.");
}

function readFindings(node: MapNode | undefined, problems: Problems): "all" | readonly Need[] {
  const value = node === undefined ? undefined : entryOf(node, "findings")?.value;
  if (value === undefined || (value.type === "scalar" && value.value === "all")) return "all";
  const wrong = (at: Node): readonly Need[] => {
    const hint = "Such as findings: all, or findings: [health, freshness].";
    problems.add(at.span, "findings must be all, or a list of steps of the diagnosis", hint);
    return [];
  };
  if (value.type !== "list" || value.items.length === 0) return wrong(value);
  return value.items.flatMap((item) =>
    item.type === "scalar" && typeof item.value === "string"
      ? [{ id: item.value, span: item.span }]
      : wrong(item),
  );
}

/** `stable: n` is what `hold` was called when it counted looks: n of them are n − 1 pauses. */
function readStable(
  node: MapNode | undefined,
  stable: Value | undefined,
  every: Value,
  problems: Problems,
): Value | undefined {
  const entry = node === undefined ? undefined : entryOf(node, "stable");
  if (entry === undefined || node === undefined || stable?.type !== "constant") return undefined;
  const pause = every.type === "constant" ? Number(every.value) : defaultEvery;
  const hold = (Number(stable.value) - 1) * pause;
  const write = `hold: ${hold === 0 ? "0s" : writeDuration(hold)}`;
  if (entryOf(node, "hold") !== undefined) {
    problems.add(entry.keySpan, "stable and hold mean the same", "Leave stable out.");
    return undefined;
  }
  problems
    .under("spelling")
    .warn(entry.keySpan, "stable is written as a time now", `${write}. lint --fix does.`, {
      span: { start: entry.keySpan.start, end: entry.value.span.end },
      text: write,
    });
  return { type: "constant", value: hold, span: entry.value.span };
}
