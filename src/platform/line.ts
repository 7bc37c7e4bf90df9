import type { Platform } from "./platform.ts";

/**
 * Which platform, and which file says so: every command that contacts it begins with this line, which also names
 * the incident that the command works on.
 */
export function platformLine(
  { name, production, environment, path }: Pick<Platform, "name" | "production" | "environment" | "path">,
  incident?: string,
): string {
  const overlay = environment === undefined ? "" : `, environment ${environment}`;
  const of = incident === undefined ? "" : `; incident ${incident}`;
  return `platform ${name}${production ? " PRODUCTION" : ""}${overlay}, from ${path}${of}`;
}
