import type { GlobalOptions, World } from "../../app/context/world.ts";
import { runCommand, type RunOptions } from "./run.ts";

interface TradingResumeOptions extends RunOptions {
  readonly venue?: string;
  readonly watch?: string;
}

/** `lav-ir trading resume`: a short name for the runbook. */
export async function tradingResumeCommand(
  world: World,
  options: GlobalOptions,
  { venue, watch, ...own }: TradingResumeOptions,
): Promise<number> {
  const param = [
    ...(venue === undefined ? [] : [`venue=${venue}`]),
    ...(watch === undefined ? [] : [`watch=${watch}`]),
  ];
  return await runCommand(world, options, "trading-resume", { ...own, param, command: "trading resume" });
}
