/** One way a secret can be written: `find` is in every text that holds it, `pattern` takes it out whole. */
export interface SecretShape {
  readonly find: string;
  /** Source of a regular expression. */
  readonly pattern: string;
}

/** A shape shorter than this would be found by chance. */
const shortest = 4;

/**
 * The shapes a secret of at least four characters can take on its way out: as it is, trimmed, line by
 * line, percent-encoded by the several customs, in JSON once and twice over, of two bytes a character, in hexadecimal, and in
 * base64 at each of the three places it can fall among the bytes around it.
 */
export function shapesOf(secret: string): readonly SecretShape[] {
  const shapes = new Map<string, string>();
  const add = (find: string, pattern = literal(find)): void => {
    if (find.length >= shortest && !shapes.has(find)) shapes.set(find, pattern);
  };
  for (const text of formsOf(secret)) {
    const bytes = Buffer.from(text);
    add(text);
    for (const encoded of percentEncoded(text, bytes)) add(encoded);
    for (const escaped of jsonEscaped(text)) {
      add(escaped);
      for (const again of jsonEscaped(escaped)) add(again);
    }
    // Of two bytes a character, as it looks in the midst of a text of one.
    if (/^[ -~]+$/.test(text)) add(text.split("").join("\0"));
    add(bytes.toString("hex"));
    add(bytes.toString("hex").toUpperCase());
    for (const { core, before, after } of base64Cores(bytes)) {
      // The characters at its ends hold bits of the neighbours and of the secret: they go with it.
      const end = after ? "[\\w+/-]?" : "";
      add(core, `${before ? "[\\w+/-]?" : ""}${literal(core)}${end}=*`);
      const url = core.replaceAll("+", "-").replaceAll("/", "_");
      add(url, `${before ? "[\\w+/-]?" : ""}${literal(url)}${end}=*`);
    }
  }
  return [...shapes].map(([find, pattern]) => ({ find, pattern }));
}

/** A variable often ends in a newline that its user trims; a key of several lines is logged line by line. */
function formsOf(secret: string): ReadonlySet<string> {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= 16);
  return new Set(
    [secret, secret.trim(), ...(lines.length > 1 ? lines : [])].filter((form) => form.length >= shortest),
  );
}

function percentEncoded(text: string, bytes: Buffer): readonly string[] {
  const encode = (plain: RegExp): string =>
    [...bytes]
      .map((byte) => {
        const character = String.fromCharCode(byte);
        return plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
      })
      .join("");
  const component = encode(/[\w.!~*'()-]/);
  const strict = encode(/[\w.~-]/);
  const form = encode(/[\w.*-]/);
  const upper = [component, strict, form, form.replaceAll("%20", "+"), strict.replaceAll("%20", "+")];
  return [
    ...upper,
    ...upper.map((one) => one.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
  ].filter((one) => one !== text);
}

/** As JavaScript, Go (which also escapes & < >), and Python (which escapes all but ASCII) write it. */
function jsonEscaped(text: string): readonly string[] {
  const escaped = JSON.stringify(text).slice(1, -1);
  const unicode = (character: string): string =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return [
    escaped,
    escaped.replaceAll(/[&<>]/g, unicode),
    escaped.replaceAll(/[^ -~]/g, unicode),
    escaped.replaceAll("/", "\\/"),
  ];
}

/** The characters that stand in base64 whatever comes before and after the bytes. */
function base64Cores(bytes: Buffer): readonly { core: string; before: boolean; after: boolean }[] {
  return [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replaceAll("=", "");
    const before = shift !== 0;
    const after = (shift + bytes.length) % 3 !== 0;
    return { core: whole.slice([0, 2, 3][shift], after ? -1 : undefined), before, after };
  });
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
