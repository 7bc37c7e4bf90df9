import type { RunFinished } from "../../events/run.ts";
import type { GlobalOptions } from "../context/world.ts";
import { resumeCommand, showCommand } from "./pick-run.ts";

/** What the commands after a run need to know of it. */
export interface Ended {
  readonly event: Pick<RunFinished, "outcome" | "journal" | "exit_code"> & { readonly run: string };
  readonly options: GlobalOptions;
  readonly incident: string | undefined;
}

/** The commands to type after a run that did not end well, the first one first; empty after one that did. */
export function nextCommands({ event, options, incident }: Ended): readonly string[] {
  // A rehearsal keeps no record.
  if (event.journal === "") return [];
  switch (event.outcome) {
    case "healthy":
    case "resolved":
    case "completed":
      // What came after it was not well.
      return event.exit_code === 0 ? [] : [showCommand(event.run, options)];
    // Its own sentence has the command.
    case "interrupted":
      return [];
    case "declined":
    case "approval-needed":
      return [resumeCommand(event.run, options)];
    case "findings":
    case "mitigated":
    case "exhausted":
    case "failed":
    case "unknown":
      return [showCommand(event.run, options), ...(incident === undefined ? [] : ["lav-ir escalate"])];
  }
}
