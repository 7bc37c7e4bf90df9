import { ok, type Result } from "../../base/result.ts";
import type { Prompt } from "../../ports/ports.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import type { Scene } from "./scene.ts";
import { ack, escalate, note, role, type Statement } from "./statements.ts";
import { update } from "./update.ts";

/** A key of `watch`: the command that it stands for, and what has to be asked before. */
export interface WatchKey {
  readonly command: string;
  /** @returns undefined where nothing is to be done. */
  ask(prompt: Prompt, signal: AbortSignal): Promise<Statements | undefined>;
}

export type Statements = (scene: Scene) => Result<Statement, Refusal>;

async function typed(prompt: Prompt, question: string, signal: AbortSignal): Promise<string | undefined> {
  const answer = await prompt.text(question, signal);
  return answer.answered ? answer.value.trim() : undefined;
}

/** What a text is needed for: an empty one does nothing. */
function withText(command: string, question: string, make: (text: string) => Statements): WatchKey {
  return {
    command,
    ask: async (prompt, signal) => {
      const text = await typed(prompt, question, signal);
      return text === undefined || text === "" ? undefined : make(text);
    },
  };
}

/** The keys, beside those that quit. */
export const watchKeys: Readonly<Record<string, WatchKey>> = {
  a: {
    command: "ack",
    ask: async (prompt, signal) => {
      const text = await typed(prompt, "Acknowledge the page (Enter: no text):", signal);
      return text === undefined ? undefined : (scene) => ack(scene, text, {});
    },
  },
  n: withText("note", "Note:", (text) => (scene) => note(scene, text, {})),
  u: withText(
    "update",
    "Update, to the rooms of this severity:",
    (text) => (scene) => update(scene, text, {}),
  ),
  e: {
    command: "escalate",
    ask: async (prompt, signal) => {
      const answer = await prompt.confirm("Page the next level of the escalation?", signal);
      return answer.answered && answer.value ? (scene) => escalate(scene, undefined) : undefined;
    },
  },
  r: withText("role", "Role and person, such as commander me:", (text) => (scene) => roleIn(scene, text)),
};

function roleIn(scene: Scene, text: string): Result<Statement, Refusal> {
  const [name = "", who, ...more] = text.split(/\s+/);
  if (who === undefined || more.length > 0) return refusal("a role and a person: commander me");
  const made = role(scene, name, who);
  return made.ok ? ok(made.value) : made;
}
