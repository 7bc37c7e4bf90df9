import { faultKinds, optionText, servicesText } from "./fault-table.ts";
import { serviceNames } from "./services.ts";

export const commands = ["up", "down", "reset", "status", "env", "fault", "clear"] as const;

export const usage = `usage: npm run stack -- up [--kafka 3.9|4.1] [--compose 1|2] [--random [SEED]] | reset | down | status | env
       npm run stack -- fault SERVICE NAME [--until cleared|restart|recreate] [--instance N] [key=value …]
       npm run stack -- clear [SERVICE]
       npm run stack -- --help
       all of them: [--project NAME]`;

/** Everything, with the faults and their options. */
export function help(): string {
  const faults = faultKinds.flatMap((kind) => {
    const options = Object.entries(kind.options).map(([name, option]) => optionText(name, option));
    return [
      `  ${kind.fault}, of ${servicesText(kind)}: ${kind.what.replaceAll("`", "")}`,
      ...(options.length === 0 ? [] : [`      ${options.join(" ")}`]),
    ];
  });
  return `${usage}

Without --random nothing of the platform is random. A seed that is not given is chosen, and said.

services: ${serviceNames.join(", ")}

faults, until they are cleared, until the next restart, or until the container is a new one (returns_after=SECONDS:
back so long after that):
${faults.join("\n")}
`;
}
