import type { Platform } from "./platform.ts";

/** Which platform, and which file says so: every command that contacts it begins with this line. */
export function platformLine({
  name,
  production,
  environment,
  path,
}: Pick<Platform, "name" | "production" | "environment" | "path">): string {
  const overlay = environment === undefined ? "" : `, environment ${environment}`;
  return `platform ${name}${production ? " PRODUCTION" : ""}${overlay}, from ${path}`;
}
