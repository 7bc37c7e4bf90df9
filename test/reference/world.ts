import { PassThrough, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { noJob } from "../../src/drivers/process/job.ts";
import { createCommandSecrets } from "../../src/app/context/command-secrets.ts";
import { createOutlet } from "../../src/output/outlet.ts";
import type { World } from "../../src/app/context/world.ts";

/** A process that nobody looks at, standing in the project's own folder. */
export function quietWorld(): World {
  const nobody = new Writable({ write: (_chunk, _encoding, done) => done() });
  return {
    env: {},
    cwd: fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, ""),
    stdin: new PassThrough(),
    stdout: nobody,
    stderr: nobody,
    user: "nobody",
    identity: undefined,
    host: "localhost",
    shipped: fileURLToPath(new URL("../../runbooks", import.meta.url)),
    version: "0.0.0",
    again: { program: "false", args: [] },
    interruption: {
      stop: new AbortController().signal,
      kill: new AbortController().signal,
      exitCode: () => 130,
      interrupt: () => {},
    },
    job: noJob,
    commandSecrets: createCommandSecrets({ env: {}, stop: new AbortController().signal }),
    outlet: createOutlet(nobody, nobody),
  };
}
