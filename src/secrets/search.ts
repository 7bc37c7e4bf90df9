// How the search works. All texts are looked for at once (Wu and Manber). A window as long as the shortest text
// slides over the value; its last two characters are a block. Two tables answer:
//
//   shift[block]     how far the window may move: the distance from the block's last place within the beginning of any
//                    text to the window's end; the whole window less one where no text has the block. 0: look here.
//   ending[triple]   the texts whose window ends with these three characters: most words that end with the block of a
//                    text do not have its third last character, and fewer are compared.
//
//   value    … l o g i n : p a s s w o r d = …
//   window               [ : p a s ]              block "as": within "pass…" one before its end, so shift 1
//                          [ p a s s ]            block "ss": shift 0; of the triple "ass", "pass…" is compared
//
// What must not be broken:
// - A table may only be too careful. Blocks hold the low byte of each code unit and triples the low five bits, so that
//   two characters can share one: that makes a step shorter or a comparison fail, and never a find missed. Whatever is
//   changed has to keep this.
// - `bytes` is one buffer for every search of the process: `places` must stay synchronous from end to end. Made
//   lazy or awaited in the middle, two searches would read each other's text.
// - A text of three characters is padded in front by any character; what stands at the very beginning has none
//   before it and is compared apart.
// - `as number`: the index lies within the table by construction; it is read once or twice for every step.
//
// scan.ts has the same search over bytes. test/secrets/search.test.ts compares this one with a plain one.

/** One of the texts, and where it stands. */
export interface Hit {
  readonly at: number;
  readonly text: string;
}

/** A step is one less than this at most; a shorter text is looked for with whatever stands before it. */
const least = 4;

/** Before the beginning of a short text stands any character. */
const anyByte: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte);

/** What is being searched; nobody else has a turn while it is. */
const bytes = Buffer.alloc(65_536);

/**
 * Searches a text for many others at once. Wherever the two characters it looks at are in none of them it
 * steps over as many as the shortest allows (Wu and Manber), so that a long text costs one short pass.
 */
export class TextSearch {
  private readonly fold: boolean;
  private readonly shortest: number;
  private readonly shift = new Uint8Array(65_536);
  /** Of each triple the place of its texts in `ending`; 0 where there are none. */
  private readonly byEnd = new Uint16Array(32_768);
  private readonly ending: string[][] = [[]];
  private readonly short: readonly string[];

  /**
   * @param texts of three characters at least.
   * @param fold in lower case: found whatever the case of ASCII letters is.
   */
  constructor(texts: Iterable<string>, fold: boolean) {
    // The longer first: what stands further on is then found later.
    const all = [...new Set(texts)].toSorted((a, b) => b.length - a.length);
    this.fold = fold;
    this.shortest = Math.min(255, ...all.map(({ length }) => Math.max(length, least)));
    this.short = all.filter(({ length }) => length < least);
    this.shift.fill(this.shortest - 1);
    for (const text of all) this.add(text);
  }

  private add(text: string): void {
    const before = Math.max(0, least - text.length);
    const upper = this.fold ? text.toUpperCase() : text;
    const either = (at: number): readonly number[] => {
      if (at < 0) return anyByte;
      const [plain, other] = [text.charCodeAt(at), upper.charCodeAt(at)];
      return plain === other ? [plain] : [plain, other];
    };
    for (let at = -before; at + 1 < this.shortest - before; at++) {
      const step = this.shortest - before - 2 - at;
      const seconds = either(at + 1);
      for (const first of either(at)) {
        for (const second of seconds) {
          const block = blockOf(first, second);
          if ((this.shift[block] as number) > step) this.shift[block] = step;
        }
      }
    }
    const end = this.shortest - before;
    const [first, second, third] = [3, 2, 1].map((back) => text.charCodeAt(end - back));
    const triple = tripleOf(first ?? 0, second ?? 0, third ?? 0);
    const listed = this.byEnd[triple] ?? 0;
    if (listed === 0) this.byEnd[triple] = this.ending.push([text]) - 1;
    else this.ending[listed]?.push(text);
  }

  /** Those that are in it. */
  in(value: string): ReadonlySet<string> {
    return new Set(this.places(value).map(({ text }) => text));
  }

  /** Every place at which one of them stands, from the beginning on. */
  places(value: string): readonly Hit[] {
    const found: Hit[] = [];
    // What is looked for with the character before it has none here.
    for (const text of this.short) if (this.stands(text, value, 0)) found.push({ at: 0, text });
    const { shift, byEnd, ending, shortest } = this;
    // The low byte of each code unit, a part of the text at a time: bytes are read much faster than characters.
    for (let at = shortest - 1, start = 0, end = 0; at < value.length;) {
      if (at >= end) {
        start = at - shortest + 1;
        end = start + bytes.write(value.slice(start, start + bytes.length), "latin1");
      }
      const here = at - start;
      const block = ((bytes[here - 1] as number) << 8) | (bytes[here] as number);
      const step = shift[block] ?? 0;
      if (step > 0) {
        at += step;
        continue;
      }
      const listed =
        byEnd[tripleOf(bytes[here - 2] as number, bytes[here - 1] as number, bytes[here] as number)] ?? 0;
      if (listed !== 0) {
        for (const text of ending[listed] ?? []) {
          const from = at - shortest + 1 + Math.max(0, least - text.length);
          if (this.stands(text, value, from)) found.push({ at: from, text });
        }
      }
      at++;
    }
    return found;
  }

  private stands(text: string, value: string, from: number): boolean {
    if (!this.fold) return value.startsWith(text, from);
    for (let at = 0; at < text.length; at++) {
      const code = value.charCodeAt(from + at);
      const lower = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
      if (lower !== text.charCodeAt(at)) return false;
    }
    return true;
  }
}

/** Two code units as a number of 16 bits; what two of them share is told apart by looking. */
function blockOf(first: number, second: number): number {
  return ((first & 0xff) << 8) | (second & 0xff);
}

/** Three code units as a number of 15 bits: a letter of ASCII has that of its other case. */
function tripleOf(first: number, second: number, third: number): number {
  return ((first & 0x1f) << 10) | ((second & 0x1f) << 5) | (third & 0x1f);
}
