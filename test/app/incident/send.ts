import { runSender, type SenderSettings } from "../../../src/app/incident/sender.ts";
import { incidentPlanOf } from "../../../src/platform/incident-plan.ts";
import { fileStore } from "../../../src/store/file-store.ts";
import type { Keeper } from "../../../src/store/runs.ts";
import { fastClock } from "./fast-clock.ts";
import { directoryOf, type Providers } from "./stand-ins.ts";

/** A sender in this process, until nothing is left to send. @returns what it said. */
export async function sendAll(
  state: string,
  providers: Providers,
  { clock = fastClock(), ...more }: Partial<SenderSettings> = {},
  keeper: Partial<Keeper> = {},
): Promise<readonly string[]> {
  const said: string[] = [];
  const held = await runSender({
    store: fileStore({ state, actor: "sender", host: "h", ...keeper }, clock),
    clock,
    plan: incidentPlanOf({}, {}),
    directory: directoryOf(providers.urls),
    stop: new AbortController().signal,
    once: true,
    say: (text) => void said.push(text),
    ...more,
  });
  return held === undefined ? said : [...said, `held by ${held.heldBy.pid}`];
}
