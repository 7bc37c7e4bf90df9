/** A part of what the engine or Compose describes: any of its fields may be missing, or of another type. */
export type Described = Readonly<Record<string, unknown>>;

export function record(value: unknown): Described {
  return typeof value === "object" && value !== null ? (value as Described) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
