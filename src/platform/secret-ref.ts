import { text, type Shape } from "../language/shape.ts";

/**
 * `${secrets.NAME}` in the platform file: the value comes from the environment, from NAME_FILE or from a command,
 * each time it is used. What a channel needs stands here by name alone.
 */
const reference = /^\$\{secrets\.([A-Z][A-Z0-9_]*)\}$/;

/** A value that is always a secret: written out it would be in every copy of this file. */
export const secretText: Shape<string> = text({
  template: "kept",
  pattern: { test: reference, says: "a secret by its name, such as ${secrets.SLACK_TOKEN}" },
});

/** A value that may be one. */
export const secretOrText: Shape<string> = text({
  template: "kept",
  pattern: { test: /^(?:\$\{secrets\.[A-Z][A-Z0-9_]*\}|[^$\s]+)$/, says: "one word, or ${secrets.NAME}" },
});

/** The secret's name, of a text that is one; undefined of one that is meant as it stands. */
export function secretNameIn(written: string): string | undefined {
  return reference.exec(written)?.[1];
}
