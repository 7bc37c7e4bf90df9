import type { Result } from "../../src/base/result.ts";
import { whereOf } from "../../src/app/wiring/ports.ts";
import { kindsByName } from "../../src/app/wiring/kinds.ts";
import { diagnosticText, type Diagnostic } from "../../src/language/diagnostic.ts";
import { fixedNames, paramValue } from "../../src/plan/names.ts";
import { makePlan, type Plan } from "../../src/plan/plan.ts";
import { readPlatform } from "../../src/platform/load.ts";
import type { Platform } from "../../src/platform/platform.ts";
import { loadRunbook, loadSource, type LoadProblem } from "../../src/runbook/load.ts";
import type { Runbook } from "../../src/runbook/runbook.ts";
import { loading } from "../runbook/lint.ts";

const text = `platform: lav-adaf
compose: { project: lav, files: [docker-compose.yml] }
services:
  gateway: http://localhost:3000
  market-sentinel: http://localhost:3001
  risk-warden: http://localhost:3002
  executioner: { url: http://localhost:3003, instances: [http://localhost:3003, http://localhost:3013] }
  desk: { url: http://localhost:3004, runs: { systemd: adaf-desk } }
  provider: { url: https://api.provider.example, runs: none }
files: { logs: /var/log/lav }
programs:
  - [/usr/bin/git, -C, /etc/nginx, log, "**"]
prometheus: http://localhost:9090
environments:
  production: { production: true }
  several:
    severities: { SEV1: P0, sev-2: P1 }
    postgres: { main: { url: postgres://lav@db1:5432/lav }, replica: { url: postgres://lav@db2:5432/lav } }
    redis: { blue: { url: redis://blue }, green: { url: redis://green } }
    prometheus: { main: { url: http://prom-1:9090 }, replica: { url: http://prom-2:9090 } }
`;

export function platformFor(environment?: string): Platform {
  const read = readPlatform({ path: "/lav/platform.yaml", text }, environment, {});
  if (!read.ok) throw new Error(read.failure.map(diagnosticText).join("\n"));
  return read.value;
}

/** The plan of a runbook in a file, with its defaults and the values given. */
export async function planned(
  path: string,
  given: Readonly<Record<string, unknown>> = {},
  environment?: string,
): Promise<Result<Plan, readonly Diagnostic[]>> {
  return planOf(runbookOf(await loadRunbook(path, { ...loading, kinds: kindsByName })), given, environment);
}

/** The same of a text. */
export async function plannedText(
  written: string,
  given: Readonly<Record<string, unknown>> = {},
  environment?: string,
): Promise<Result<Plan, readonly Diagnostic[]>> {
  return planOf(
    runbookOf(await loadSource({ path: "r.yaml", text: written }, { ...loading, kinds: kindsByName })),
    given,
    environment,
  );
}

function runbookOf(loaded: Result<Runbook, LoadProblem>): Runbook {
  if (loaded.ok) return loaded.value;
  const { failure } = loaded;
  throw new Error(
    failure.type === "unreadable" ? failure.message : failure.diagnostics.map(diagnosticText).join("\n"),
  );
}

function planOf(
  runbook: Runbook,
  given: Readonly<Record<string, unknown>>,
  environment: string | undefined,
): Result<Plan, readonly Diagnostic[]> {
  const platform = platformFor(environment);
  const params = Object.fromEntries(
    runbook.params.map((param) => [param.name, given[param.name] ?? param.default]),
  );
  const values = Object.fromEntries(
    runbook.params.map((param) => [param.name, paramValue(param, params[param.name])]),
  );
  const names = fixedNames(runbook, platform, values);
  return makePlan({ runbook, platform, params, names, where: whereOf(platform) });
}
