// Makes test/demo/run.svg, the README's picture: a real run in a real terminal, keys typed as a person would.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import pty from "@lydell/node-pty";
import headless from "@xterm/headless";
import { root } from "../../tools/places.ts";
import { stackUp } from "../../sandbox/stack.ts";
import { svgOf } from "./svg.ts";

const columns = 112;
const rows = 30;

const stack = await stackUp({ project: "lav-picture", log: (line) => process.stderr.write(`${line}\n`) });
try {
  await stack.reset();
  await stack.fault("market-sentinel", { fault: "corrupt", until: "recreate" });
  const svg = await record(["run", "market-sentinel-down"], {
    ...stack.env,
    LAV_IR_CONFIG: stack.platformFile,
    LAV_IR_STATE_DIR: join(root, ".stack", "demo-state"),
  });
  writeFileSync(join(root, "test", "demo", "run.svg"), svg);
} finally {
  await stack.down();
}

/** Runs lav-ir at a terminal, says yes to every question, and draws the screen as it stood at the second one. */
async function record(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
  const program = pty.spawn(process.execPath, [join(root, "bin", "lav-ir.js"), ...args], {
    name: "xterm-256color",
    cols: columns,
    rows,
    cwd: root,
    env: { ...process.env, ...env },
  });
  const answered = new Set<string>();
  let shown = "";
  terminal.write(`$ lav-ir ${args.join(" ")}\r\n`);
  program.onData((data) =>
    terminal.write(data, () => {
      const question = questionOn(terminal);
      if (question === undefined || answered.has(question)) return;
      answered.add(question);
      // Listened to once more before it is answered: what comes too early is thrown away.
      setTimeout(() => {
        if (answered.size === 2) shown = svgOf(terminal, rows);
        program.write("y\r");
      }, 1500);
    }),
  );
  await new Promise<void>((resolve) => program.onExit(() => resolve()));
  return shown === "" ? svgOf(terminal, rows) : shown;
}

/** The action that is being asked about, once the whole question stands on the screen. */
function questionOn(terminal: InstanceType<typeof headless.Terminal>): string | undefined {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: rows }, (_, row) =>
    active.getLine(active.baseY + row)?.translateToString(true),
  );
  const asked = lines.findIndex((line) => line?.includes("(y/N)") === true);
  if (asked === -1) return undefined;
  // What is asked about begins behind a blank line.
  return lines[lines.findLastIndex((line, row) => row < asked && line === "") + 1];
}
