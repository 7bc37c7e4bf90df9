/** How the message of an expression's library begins that found one, see `whyNone`. */
const begins = "no value: ";

/**
 * Stands in data where something came that is no value: NaN, JSON with a key twice. Written down it is what came, or
 * nothing; an expression that needs it is unknown, for this reason.
 *
 * Of a value that the library does not know it says the name of its constructor, and nothing else: so that is where
 * the reason is.
 */
export class NoValue {
  /** What came, as it is shown; undefined where it is left out, as a missing output is. */
  readonly #shown: string | undefined;
  readonly #why: string;

  /** @param why a sentence without a full stop: `x is NaN` */
  constructor(why: string, shown?: string) {
    this.#why = why;
    this.#shown = shown;
    Object.defineProperty(this, "constructor", { value: { name: `${begins}${why}` } });
  }

  get shown(): string | undefined {
    return this.#shown;
  }

  get why(): string {
    return this.#why;
  }

  toString(): string {
    return this.#shown ?? "";
  }

  toJSON(): string | undefined {
    return this.#shown;
  }
}

/** The reason that a message of the library about an unknown type brings. */
export function whyNone(message: string): string | undefined {
  return /^Unsupported type: no value: (.*)$/s.exec(message)?.[1];
}
