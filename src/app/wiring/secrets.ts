import { whyNotHidable } from "../../secrets/hidable.ts";
import { partsOfUrl } from "../../secrets/url-parts.ts";
import { createRedactor } from "../../secrets/redactor.ts";
import { basic } from "../../drivers/http/basic.ts";
import { readParts } from "../../drivers/address.ts";
import { ok, type Result } from "../../base/result.ts";
import { didYouMean } from "../../base/suggest.ts";
import type { NamedSecret, Platform } from "../../platform/platform.ts";
import { Secret } from "../../secrets/secret.ts";
import { whyNoAddress } from "../../kinds/http/http-address.ts";
import { secretOf, templatesOf } from "../../language/value.ts";
import type { Plan } from "../../plan/plan.ts";
import { allItems, stepsOf, type Runbook } from "../../runbook/runbook.ts";
import { loginsOf } from "./servers.ts";
import { envSecretAtRest, findSecret, secretNames } from "../context/secret-sources.ts";
import { isSecretAddress } from "../../platform/secret-address.ts";
import type { World } from "../context/world.ts";
import { interrupted, refusal, type Refusal } from "../context/refusal.ts";

/**
 * The values of a runbook's secrets, from the environment, from the file that NAME_FILE names, or as the platform file
 * says. A missing or blank one is refused before anything runs.
 */
export async function readSecrets(
  { runbook, platform }: Pick<Plan, "runbook" | "platform">,
  world: World,
): Promise<Result<Readonly<Record<string, string>>, Refusal>> {
  const values: Record<string, string> = {};
  const urls = urlSecretsOf(runbook);
  // Side by side: each may have to ask a program.
  const all = await Promise.all(
    runbook.secrets.map(async ({ name }) => ({ name, read: await readSecret(name, world, platform) })),
  );
  for (const { name, read } of all) {
    if (!read.ok) return read;
    const why = urls.has(name) ? whyNoAddress(read.value) : undefined;
    if (why !== undefined)
      return refusal(`the secret ${name} ${why}, and a step of ${runbook.id} sends to it`, "configuration");
    values[name] = read.value;
  }
  return ok(values);
}

/** Names of those that a step's whole URL is. */
function urlSecretsOf(runbook: Runbook): ReadonlySet<string> {
  const templates = [...stepsOf(allItems(runbook))].flatMap(({ args }) => templatesOf(args));
  return new Set(templates.flatMap((template) => secretOf(template) ?? []));
}

async function readSecret(
  name: string,
  world: World,
  { secrets = {} }: Platform,
): Promise<Result<string, Refusal>> {
  const read = await findSecret(world, name, secrets);
  if (!read.ok && world.interruption.stop.aborted) return interrupted(world, "interrupted; nothing ran");
  if (!read.ok) return refusal(`cannot read the secret ${name} from ${read.failure}`, "configuration");
  if (read.value === undefined)
    return refusal(
      `the secret ${name} is not set${didYouMean(name, Object.keys(secrets))}; export ${name}, or ${name}_FILE with the path of its file`,
      "configuration",
    );
  const { value, from } = read.value;
  if (value.trim() !== "") return hidable(name, value);
  return refusal(
    from === name
      ? `the secret ${name} is blank; export its value, or ${name}_FILE with the path of its file`
      : `the secret ${name} is blank in ${from}`,
    "configuration",
  );
}

/** Refused here, before anything runs: what is hidden badly is either shown or makes the rest unreadable. */
function hidable(name: string, value: string): Result<string, Refusal> {
  const why = whyNotHidable(value);
  return why === undefined
    ? ok(value)
    : refusal(`the secret ${name} ${why}. Choose another`, "configuration");
}

/** Every secret this process knows of: none of them may be shown. */
export function knownSecrets(
  world: Pick<World, "env"> & Partial<Pick<World, "commandSecrets">>,
  own: Readonly<Record<string, string>>,
): readonly string[] {
  const named = secretNames.flatMap((name) => envSecretAtRest(world.env, name) ?? []);
  const passwords = Object.keys(world.env)
    .filter(isSecretAddress)
    .flatMap((name) => passwordIn(world.env[name]));
  return [
    ...Object.values(own),
    ...Object.values(own).flatMap(partsOfUrl),
    ...named,
    ...passwords,
    ...(world.commandSecrets?.values() ?? []),
  ];
}

/** Those of a platform's servers: in their addresses, wherever these came from, and by name, whether or not it was asked for. */
export function passwordsOf(platform: Platform, env: World["env"]): readonly string[] {
  const { postgres, redis, kafka } = platform;
  const valueOf = ({ name, value }: NamedSecret): Secret | undefined => {
    const read = value === undefined ? envSecretAtRest(env, name) : undefined;
    return read === undefined ? value : new Secret(name, read);
  };
  const logins = loginsOf(platform).flatMap(({ user, password }) => {
    const value = valueOf(password);
    return value === undefined ? [] : [{ user, value }];
  });
  const named = [
    ...Object.values(kafka).flatMap(({ sasl }) => (sasl === undefined ? [] : valueOf(sasl.password))),
    ...Object.values(redis).flatMap(({ password }) => (password === undefined ? [] : valueOf(password))),
    ...logins.map(({ value }) => value),
  ];
  return [
    ...[
      ...Object.values(postgres).flatMap(({ url, admin }) => [url, admin]),
      ...Object.values(redis).map(({ url }) => url),
    ].flatMap(passwordIn),
    ...named.flatMap((secret) => secret?.reveal() ?? []),
    ...logins.map(({ user, value }) => basic(user, value).slice(6)),
  ];
}

/** The password of an address, as it stands there and as it is meant. */
function passwordIn(address: string | undefined): string[] {
  if (address === undefined) return [];
  const written = /^[^/]*:\/\/[^:]*:(.*)@/s.exec(address)?.[1];
  const read = readParts(address);
  // Of what cannot be read, everything before the last @ may be one.
  const meant = read.ok ? [read.value.password, read.value.options.get("password") ?? ""] : [];
  return [written ?? "", ...meant].filter((password) => password !== "");
}

/** Keeps every secret that this process knows of off the terminal, whoever writes there. */
export function hideSecrets(
  world: World,
  own: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): void {
  const values = [...knownSecrets(world, own), ...more];
  // Rules are for what nobody waits for: most starts make no redactor here.
  const all = (text: string): string => createRedactor(values).text(text);
  world.outlet.hide(values.length > 0 ? createRedactor(values).known : (text) => text, all);
}
