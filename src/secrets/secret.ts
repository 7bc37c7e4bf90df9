/**
 * A value that is nowhere by accident: JSON, a digest and a log of what holds it have its name alone. Whoever uses
 * it says so by `reveal`.
 */
export class Secret {
  /** The variable or the file that it came from. */
  readonly name: string;
  readonly #value: string;

  constructor(name: string, value: string) {
    this.name = name;
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toJSON(): string {
    return `‹secret:${this.name}›`;
  }
}
