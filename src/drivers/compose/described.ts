/** A part of what the engine or Compose describes: any of its fields may be missing, or of another type. */
export type Described = Readonly<Record<string, unknown>>;

export function recordOf(value: unknown): Described {
  return typeof value === "object" && value !== null ? (value as Described) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}
