/** How a definition differs from what runs, in names: a value may be a secret. */
export interface Drift {
  readonly image?: { readonly now: string; readonly next: string };
  readonly environment: DriftNames;
  /** By their places in the container. */
  readonly mounts: DriftNames;
}

export interface DriftNames {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/**
 * A line for each thing that differs, by name: for what is to come, or for what has come and should not have.
 * @param changed what is said of a name whose value is another one.
 */
export function driftText({ image, environment, mounts }: Drift, changed: string): string[] {
  const part = (what: string, { added, changed: other, removed }: DriftNames): string[] => [
    ...added.map((name) => `${what} ${name} is added`),
    ...other.map((name) => `${what} ${name} ${changed}`),
    ...removed.map((name) => `${what} ${name} is removed`),
  ];
  return [
    ...(image === undefined ? [] : [`image ${image.now} → ${image.next}`]),
    ...part("environment", environment),
    ...part("mount", mounts),
  ];
}
