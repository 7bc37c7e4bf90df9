/** One of the texts, and where it stands. */
export interface Place {
  readonly at: number;
  readonly text: string;
}

/**
 * Searches a text for many others at once. Wherever the two characters it looks at are in none of them it
 * steps over as many as the shortest allows (Wu and Manber), so that a long text costs one short pass.
 */
export class TextSearch {
  private readonly texts: readonly string[];
  private readonly fold: boolean;
  private readonly shortest: number;
  private readonly shift = new Uint8Array(65_536);
  private readonly byBlock = new Map<number, string[]>();

  /**
   * @param texts of two characters at least.
   * @param fold in lower case: found whatever the case of ASCII letters is.
   */
  constructor(texts: Iterable<string>, fold: boolean) {
    this.texts = [...new Set(texts)];
    this.fold = fold;
    this.shortest = Math.min(255, ...this.texts.map(({ length }) => length));
    this.shift.fill(this.shortest - 1);
    for (const text of this.texts) this.add(text);
  }

  private add(text: string): void {
    for (let at = 0; at + 1 < this.shortest; at++) {
      const step = this.shortest - 2 - at;
      const upper = this.fold ? text.toUpperCase() : text;
      for (const first of new Set([text.charCodeAt(at), upper.charCodeAt(at)])) {
        for (const second of new Set([text.charCodeAt(at + 1), upper.charCodeAt(at + 1)])) {
          const block = blockOf(first, second);
          this.shift[block] = Math.min(this.shift[block] ?? 0, step);
          if (step === 0) this.byBlock.set(block, [...(this.byBlock.get(block) ?? []), text]);
        }
      }
    }
  }

  /** Those that are in it. */
  in(value: string): ReadonlySet<string> {
    const found = new Set<string>();
    const { shift, shortest, texts } = this;
    for (let at = shortest - 1; at < value.length && found.size < texts.length;) {
      const block = blockOf(value.charCodeAt(at - 1), value.charCodeAt(at));
      const step = shift[block] ?? 0;
      if (step > 0) {
        at += step;
        continue;
      }
      const from = at - shortest + 1;
      for (const text of this.byBlock.get(block) ?? []) {
        if (!found.has(text) && this.stands(text, value, from)) found.add(text);
      }
      at++;
    }
    return found;
  }

  /** Every place at which one of them stands, from the beginning on. */
  places(value: string): readonly Place[] {
    const found: Place[] = [];
    const { shift, shortest } = this;
    for (let at = shortest - 1; at < value.length;) {
      const block = blockOf(value.charCodeAt(at - 1), value.charCodeAt(at));
      const step = shift[block] ?? 0;
      if (step > 0) {
        at += step;
        continue;
      }
      const from = at - shortest + 1;
      for (const text of this.byBlock.get(block) ?? []) {
        if (this.stands(text, value, from)) found.push({ at: from, text });
      }
      at++;
    }
    return found;
  }

  private stands(text: string, value: string, from: number): boolean {
    if (!this.fold) return value.startsWith(text, from);
    return value.slice(from, from + text.length).toLowerCase() === text;
  }
}

/** Two code units as a number of 16 bits; what two of them share is told apart by looking. */
function blockOf(first: number, second: number): number {
  return ((first & 0xff) << 8) | (second & 0xff);
}
