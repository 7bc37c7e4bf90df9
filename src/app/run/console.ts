import type { Prompt } from "../../ports/ports.ts";
import { createPrompt, Turn, type Shows } from "../../drivers/prompt/prompt.ts";
import type { RunEvent } from "../../events/run.ts";
import type { Task, View } from "../../run/task-view.ts";
import { coloursFor, type Colours } from "../../output/colour.ts";
import { junitText, RunSuite } from "../../output/junit.ts";
import { runLine } from "../../output/run-line.ts";
import { seen } from "../../output/sanitize.ts";
import { EndFindings } from "../../output/end-findings.ts";
import type { Asked } from "../../output/frame.ts";
import { undoLine } from "../../output/plain.ts";
import { liveLines, PlainLog } from "../../output/plain-log.ts";
import { notOkLines, outcomeLines } from "../../output/summary.ts";
import { kindsByName } from "../wiring/kinds.ts";
import { nextCommands } from "./next.ts";
import { nameContacted, tellerFor } from "../context/telling.ts";
import { questionsOf } from "../context/questions.ts";
import type { GlobalOptions, World } from "../context/world.ts";

/** Everything an operator sees of a run: the view, the questions, the lines. */
export interface RunConsole {
  readonly view: View;
  /** Asks on the terminal itself, outside of any task. */
  readonly prompt: Prompt;
  hear(event: RunEvent): void;
  /** The steps so far as JUnit XML. */
  junit(): string;
}

/**
 * At a terminal listr2 draws the run on stderr; elsewhere lines are written as things happen; with `--json`
 * every event is a line on stdout and nothing is drawn. The outcome goes to stdout, whatever the rest does.
 */
export async function openConsole(
  world: World,
  options: GlobalOptions,
  withJunit: boolean,
): Promise<RunConsole> {
  const { stdout, stderr, interruption } = world;
  const wanted = options.color !== false;
  const settings = questionsOf(world, options);
  const turn = new Turn();
  const prompt = createPrompt(settings, turn);
  const suite = withJunit ? new RunSuite() : undefined;
  const onErr = coloursFor(stderr, world.env, wanted);
  const onOut = coloursFor(stdout, world.env, wanted);
  const drawn = isDrawn(world, options);
  if (!drawn) {
    const said =
      "stopping after the running step; a second signal kills it now and leaves its outcome unknown\n";
    interruption.stop.addEventListener("abort", () => stderr.write(said));
  }
  const afterwards: string[] = [];
  const findings = new EndFindings();
  const log = new PlainLog(onErr, options.verbose === true ? isDuration : undefined);
  let incident: string | undefined;
  const drawing = drawn ? await drawingView(world, options, onErr, settings, turn) : undefined;

  const text = (told: RunEvent): void => {
    const event = seen(told);
    if (event.type === "run.started") {
      const { platform: name, platform_file: path, environment, production } = event;
      incident = event.incident;
      nameContacted(world, options, { name, path, environment, production }, incident);
    }
    drawing?.hear(event);
    findings.hear(event);
    if (event.type === "undo" && drawn) afterwards.push(undoLine(event));
    if (!drawn && options.quiet !== true) {
      for (const line of log.lines(event)) stderr.write(`${line}\n`);
    }
    if (event.type !== "run.finished") return;
    for (const line of afterwards) stderr.write(`${line}\n`);
    for (const line of outcomeLines(event, onOut)) stdout.write(`${line}\n`);
    // Elsewhere each stands in a line of its own already.
    const measured = drawn ? findings.lines(onErr) : [];
    const ends = measured.length > 0 ? measured : notOkLines(event, onErr);
    // A terminal would break them in the middle of a word.
    const broken = drawing === undefined ? ends : ends.flatMap(drawing.broken);
    for (const line of broken) stderr.write(`${line}\n`);
    for (const command of nextCommands({ event, options, incident })) stderr.write(`next: ${command}\n`);
  };
  const tell = tellerFor<RunEvent>(world, options, { text, line: runLine });
  const hear = (event: RunEvent): void => {
    suite?.hear(event);
    tell(event);
  };
  const liveIn: View["liveIn"] = (_task, step) => ({
    shows: "every",
    show: (lines) => stderr.write(liveLines(step, lines, onErr)),
  });
  const told = options.verbose === true && options.quiet !== true && options.json !== true;
  const silent: View = {
    renderer: "silent",
    rendererOptions: {},
    promptIn: () => prompt,
    liveIn: told ? liveIn : undefined,
  };
  return {
    view: drawing?.view ?? silent,
    prompt,
    hear,
    junit: () => junitText(suite === undefined ? [] : [suite.suite()]),
  };
}

function isDuration(kind: string, output: string): boolean {
  return kindsByName.get(kind)?.outputs[output]?.type === "duration";
}

/** Lines of a running program that stand below its step, with `-v`. */
const verboseLines = 5;

/** Where a person looks on: what moves is for eyes, and a process in the background may not move the cursor. */
function isDrawn({ stderr, env, job }: World, { json, quiet }: GlobalOptions): boolean {
  return (
    stderr.isTTY === true && json !== true && quiet !== true && env["TERM"] !== "dumb" && job.foreground()
  );
}

interface Drawing {
  readonly view: View;
  readonly hear: (event: RunEvent) => void;
  /** A line as it stands on what is drawn on. */
  readonly broken: (line: string) => readonly string[];
}

async function drawingView(
  world: World,
  { verbose }: GlobalOptions,
  colour: Colours,
  settings: Parameters<typeof createPrompt>[0],
  turn: Turn,
): Promise<Drawing> {
  const [
    { Header, liveOutput, questionOutput, terminalOptions, terminalRenderer },
    { columnsOf, Frame },
    { wrapIndented },
    { ListrInquirerPromptAdapter },
  ] = await Promise.all([
    import("../../output/terminal.ts"),
    import("../../output/frame.ts"),
    import("../../output/wrap.ts"),
    import("@listr2/prompt-adapter-inquirer"),
  ]);
  const { stderr, stdout, job, interruption, outlet } = world;
  const header = new Header(colour, interruption.stop);
  const frame = new Frame(outlet.canvas, outlet.styled, job);
  let asked: Asked | undefined;
  /** Its own takes a question back when its task is skipped, an answered one too: the task is then shown as done. */
  class Adapter extends ListrInquirerPromptAdapter {
    override cancel(): void {}
  }
  const showsIn =
    (task: Task): Shows =>
    async (prompt, config, context, head) => {
      const output = questionOutput((answered) => (asked = { head, answered }));
      // A question that is taken back is not drawn any more, however long its end takes.
      context.signal?.addEventListener("abort", () => (asked = undefined));
      try {
        return await task.prompt(Adapter).run(prompt, config, { ...context, output });
      } finally {
        asked = undefined;
      }
    };
  return {
    hear: (event) => header.hear(event),
    broken: (line) => wrapIndented(line, columnsOf(outlet.canvas)),
    view: {
      renderer: terminalRenderer(header, frame, outlet.canvas, () => asked),
      rendererOptions: { ...terminalOptions(stderr, stdout, colour) },
      promptIn: (task) => createPrompt(settings, turn, showsIn(task)),
      liveIn: (task) => ({
        shows: "newest",
        lines: verbose === true ? verboseLines : 1,
        show: (lines) => (task.output = liveOutput(lines, outlet.canvas)),
      }),
    },
  };
}
