import { fileStore } from "../../src/store/file-store.ts";
import process from "node:process";
import { runSender } from "../../src/app/incident/sender.ts";
import { incidentPlanOf } from "../../src/platform/incident-plan.ts";
import type { Channel } from "../../src/ports/channel.ts";
import { fastClock } from "../app/incident/fast-clock.ts";
import { directoryOf, type Urls } from "../app/incident/stand-ins.ts";

// A sender that kills itself at the so-manieth point: before every record that it writes, and before and after every
// word with a provider. Its clock runs ahead by what it sleeps, so that waits cost nothing.
const [state = "", urls = "{}", point = "0"] = process.argv.slice(2);
let points = 0;
const pass = (): void => {
  points += 1;
  if (points === Number(point)) process.kill(process.pid, "SIGKILL");
};

function killed(channel: Channel): Channel {
  return {
    ...channel,
    send: async (message, signal) => {
      pass();
      const sent = await channel.send(message, signal);
      pass();
      return sent;
    },
  };
}

const clock = fastClock();
/** A record has the time at which it is written; how often the sender looks at its clock besides is no point. */
const recording = {
  ...clock,
  now: () => {
    pass();
    return clock.now();
  },
};
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
const held = await runSender({
  store: fileStore({ state, actor: "sender", host: "h" }, recording),
  clock,
  plan: incidentPlanOf({}, {}),
  directory: directoryOf(JSON.parse(urls) as Urls, killed),
  stop: stop.signal,
  once: true,
  say: (text) => void process.stderr.write(`${text}\n`),
});
process.stdout.write(held === undefined ? `${points} points\n` : "held\n");
