import { closeSync, readSync } from "node:fs";
import { setTimeout as later } from "node:timers/promises";
import { secretIn, textOf } from "./secret-form.ts";
import { openPlain, readRegular, tooLong, whyNot } from "./open-file.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { SecretSource, SecretSources } from "../../platform/secret-sources.ts";
import { isSecretAddress } from "../../platform/secret-address.ts";
import type { World } from "./world.ts";

/** A secret as the environment has it, as it stands there, and where that is: a variable's name or a file's path. */
export interface EnvSecret {
  readonly value: string;
  readonly from: string;
}

/** Variables that hold a secret whoever asks for them; each may be in a file instead, see `secretFile`. */
export const secretNames = [
  "EMERGENCY_TOKEN",
  "PGPASSWORD",
  "SLACK_WEBHOOK_URL",
  "PAGERDUTY_ROUTING_KEY",
  "TWILIO_AUTH_TOKEN",
] as const;

/** For a process of ours that needs none. */
export function withoutSecrets(env: World["env"]): Record<string, string | undefined> {
  const secret = new Set<string>(secretNames);
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !secret.has(name) && !isSecretAddress(name)),
  );
}

/** Bytes of a secret's file. */
const limit = 64 * 1024;
/** Milliseconds in which somebody must begin to write to a pipe; one who has begun has longer: a password may be typed there. */
const patience = { begin: 1000, end: 10_000, look: 5 } as const;

/**
 * The secret in the variable `name`, or, where that is not set or blank, in the file that `name`_FILE names:
 * a regular file, or a pipe that somebody writes to. Nothing else is opened for long, and nothing read without end.
 *
 * @returns nothing where neither is set; the file's path, and why it cannot be read.
 */
export async function envSecret(
  env: World["env"],
  name: string,
): Promise<Result<EnvSecret | undefined, string>> {
  const value = env[name];
  const file = secretFile(env, name);
  if (file === undefined && value === undefined) return ok(undefined);
  const from = file ?? name;
  return secretOf(from, file === undefined ? ok(value ?? "") : await textIn(file));
}

function secretOf(from: string, written: Result<string, string>): Result<EnvSecret, string> {
  const read = written.ok ? secretIn(written.value) : written;
  return read.ok ? ok({ value: read.value, from }) : fail(`${from}: ${read.failure}`);
}

/** Who may be asked for a secret. */
export type SecretWorld = Pick<World, "env" | "commandSecrets">;

/**
 * The secret as the environment has it; where that has none, or a blank variable, as the platform file says.
 *
 * @returns as `envSecret` does.
 */
export async function findSecret(
  { env, commandSecrets }: SecretWorld,
  name: string,
  sources: SecretSources | undefined,
): Promise<Result<EnvSecret | undefined, string>> {
  const own = await envSecret(env, name);
  const source = sourceOf(name, sources);
  if (source === undefined || !own.ok || !isBlank(own.value, name)) return own;
  if (source.type === "file") return secretOf(source.file, await textIn(source.file));
  if (source.type === "withheld") return fail(`the platform file: ${source.why}`);
  const from = `the command ${source.command[0] ?? ""}`;
  const came = await commandSecrets.read(source);
  return came.ok ? ok({ value: came.value, from }) : fail(`${from}: ${came.failure}`);
}

function isBlank(own: EnvSecret | undefined, name: string): boolean {
  return own === undefined || (own.from === name && own.value.trim() === "");
}

function sourceOf(name: string, sources: SecretSources = {}): SecretSource | undefined {
  return Object.hasOwn(sources, name) ? sources[name] : undefined;
}

/**
 * The same for whoever only wants to hide it, as far as it lies there: a pipe gives what it holds once, to whoever
 * needs it, and waits for somebody who writes.
 */
export function envSecretAtRest(
  env: World["env"],
  name: string,
  sources?: SecretSources,
): string | undefined {
  const file = secretFile(env, name) ?? fileOf(env, name, sources);
  if (file === undefined) return env[name];
  const read = readRegular(file, limit, { links: "follow" });
  return read.ok ? read.value.toString("utf8").trim() : undefined;
}

/** The file that the platform file names for a secret which the environment does not have. */
export function fileOf(
  env: World["env"],
  name: string,
  sources: SecretSources | undefined,
): string | undefined {
  const source = sourceOf(name, sources);
  return source?.type === "file" && (env[name] ?? "").trim() === "" ? source.file : undefined;
}

/** The file that stands in for a variable which is not set, or blank. */
export function secretFile(env: World["env"], name: string): string | undefined {
  const file = env[`${name}_FILE`];
  return (env[name] ?? "").trim() === "" && file !== "" ? file : undefined;
}

async function textIn(path: string): Promise<Result<string, string>> {
  const read = await readSecret(path);
  const text = read.ok ? textOf(read.value) : read;
  return text.ok ? ok(text.value.trim()) : text;
}

async function readSecret(path: string): Promise<Result<Buffer, string>> {
  const opened = openPlain(path, { links: "follow", pipes: true });
  if (!opened.ok) return opened;
  const { fd, pipe } = opened.value;
  try {
    return await readToEnd(fd, pipe);
  } catch (error) {
    return fail(whyNot(error));
  } finally {
    closeSync(fd);
  }
}

/** A pipe is read until whoever writes to it closes it. */
async function readToEnd(fd: number, pipe: boolean): Promise<Result<Buffer, string>> {
  const begun = performance.now();
  const buffer = Buffer.alloc(limit + 1);
  let length = 0;
  let written = false;
  while (length < buffer.length) {
    const read = readSome(fd, buffer, length);
    if (read !== undefined) length += read;
    // Empty without anybody who writes: not yet, or no more.
    if (read === 0 && (!pipe || length > 0)) return ok(buffer.subarray(0, length));
    written ||= read !== 0;
    const waited = performance.now() - begun;
    if (waited > patience.end) return fail(`it did not end within ${patience.end / 1000} s`);
    if (!written && waited > patience.begin)
      return fail(`nobody wrote to this pipe within ${patience.begin / 1000} s`);
    if (read === undefined || read === 0) await later(patience.look);
  }
  return fail(tooLong(limit));
}

/** @returns undefined when there is nothing now, and somebody may still write. */
function readSome(fd: number, buffer: Buffer, at: number): number | undefined {
  try {
    return readSync(fd, buffer, at, buffer.length - at, null);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return undefined;
    throw error;
  }
}
