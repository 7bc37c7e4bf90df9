// Makes docs/screens: each playbook with its fault at a real terminal, keys typed as a person would.
// `npm run screens` makes all of them, `npm run screens -- market-sentinel-down` those of one.
import { mkdirSync, writeFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { root } from "../../tools/places.ts";
import { stackUp, type Stack } from "../../sandbox/stack.ts";
import { ctrlC, ctrlZ, enter } from "../cli/screen.ts";
import { scenes, type Scene } from "./scenes.ts";
import { Sitting } from "./sitting.ts";

const sizes = [
  [80, 24],
  [120, 40],
] as const;

const wanted = process.argv.slice(2);
const chosen = scenes.filter(({ runbook }) => wanted.length === 0 || wanted.includes(runbook));
const folder = join(root, "docs", "screens");
mkdirSync(folder, { recursive: true });
const stack = await stackUp({ project: "lav-screens", log: say });
try {
  for (const scene of chosen) {
    for (const [columns, rows] of sizes) {
      say(`${scene.runbook} at ${columns}×${rows}`);
      const path = join(folder, `${scene.runbook}-${columns}x${rows}.txt`);
      try {
        await stack.reset();
        writeFileSync(path, withoutPlace(await play(stack, scene, columns, rows)));
      } catch (error) {
        // The others are wanted all the same.
        say(`${scene.runbook}: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 1;
      }
    }
  }
} finally {
  await stack.down();
}

async function play(up: Stack, scene: Scene, columns: number, rows: number): Promise<string> {
  Sitting.prepare(up);
  const params = scene.params.map((param) => ` --param ${param}`).join("");
  const run = `lav-ir run ${scene.runbook}${params}`;
  let text = `${scene.runbook} at ${columns}×${rows}\n`;
  using ada = new Sitting(up, "ada", columns, rows);
  const taken = (what: string): void => {
    const rule = "─".repeat(Math.max(1, columns - what.length - 3));
    text += `\n─ ${what} ${rule}\n${ada.screen.view()}\n`;
    say(`  ${what}`);
  };

  await scene.fault(up);
  await ada.types(run);
  await ada.comesTo();
  taken("The question");
  if (/\bd details\b/.test(ada.screen.text())) {
    await ada.enters("d");
    await ada.comesTo();
    taken("d: its details");
  }
  ada.screen.type(ctrlZ);
  await ada.idle();
  taken("Ctrl-Z");
  await ada.enters("fg");
  await ada.comesTo();
  taken("fg");
  await ada.enters("");
  await ada.idle();
  taken("Enter alone: no");

  await ada.types(run);
  await ada.comesTo();
  await ada.enters("s");
  if (await ada.comesTo()) {
    taken("s: this step is skipped");
    await ada.enters("q");
    await ada.idle();
    taken("q: stopped");
  } else taken("s: this step is skipped, and the end");

  await ada.types(run);
  await ada.comesTo();
  {
    using bob = new Sitting(up, "bob", columns, rows);
    await bob.types(run);
    await bob.comesTo();
    await bob.enters(bob.yes());
    await bob.records("step.outcome");
    await ada.enters(ada.yes());
    await ada.comesTo();
    taken("y, after bob has said y at another terminal");
    bob.screen.type(ctrlC);
    await bob.idle();
  }
  if (await ada.comesTo()) await ada.enters("q");
  await ada.idle();

  await up.reset();
  await scene.fault(up);
  await ada.types(run);
  const killed = ada.records("step.intent", scene.kill);
  await yesUntil(ada, killed);
  ada.kill();
  await ada.idle();
  taken(`kill -9 in the middle of ${scene.kill}`);
  const { next } = scene;
  const after = next === undefined ? Promise.resolve() : happens(ada, up, next);
  await ada.enters("lav-ir resume");
  // Those that were declined can be gone on with as well; the newest stands first.
  await ada.screen.shows(/Which run do you want to resume\?/);
  taken("lav-ir resume");
  ada.screen.type(enter);
  while (await ada.comesTo()) {
    taken("lav-ir resume: the question");
    await ada.enters(ada.yes());
  }
  taken("the end");
  await after;
  return text;
}

/** Agrees to what is asked until this comes. */
async function yesUntil(sitting: Sitting, comes: Promise<void>): Promise<void> {
  let come = false;
  const came = comes.then(() => (come = true));
  for (;;) {
    await Promise.race([came, sitting.comesTo()]);
    if (come) return;
    await sitting.enters(sitting.yes());
  }
}

async function happens(
  sitting: Sitting,
  up: Stack,
  { step, happens: what }: NonNullable<Scene["next"]>,
): Promise<void> {
  await sitting.records("step.finished", step);
  await what(up);
}

/** The stack's folder by a name of its own; a path that a line had no room for is whole again. @throws where something of this machine stands in it still */
function withoutPlace(shown: string): string {
  const text = shown.replaceAll(stack.folder, "~/lav").replaceAll(/^(journal ~\S+)\n(\S+)$/gm, "$1$2");
  const own = [root, hostname(), `${homedir()}/`, ...Object.values(stack.state.secrets)];
  const found = own.find((one) => text.includes(one));
  if (found !== undefined) throw new Error(`this machine's ${found} stands in it:\n${text}`);
  return text;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
