/** One way a secret can be written: `find` is in every text that holds it, `pattern` takes it out whole. */
export interface SecretShape {
  readonly find: string;
  /** Source of a regular expression. */
  readonly pattern: string;
  /** `find` is one of two pieces, of a secret that may be wrapped: the end of a line is in one of them at most. */
  readonly piece: boolean;
}

type Add = (find: string, pattern?: string, piece?: boolean) => void;

/** A shape shorter than this would be found by chance. */
const shortest = 4;

/**
 * The shapes a secret of at least four characters can take on its way out: as it is, trimmed, line by
 * line, percent-encoded by the several customs, in JSON once and twice over, quoted for a shell, for SQL and CSV and in
 * entities, these in JSON too, of two bytes a character, with colours in it, in hexadecimal, base32 and base64 at each of the places it can
 * fall among the bytes around it, these three wrapped over lines as well.
 */
export function shapesOf(secret: string): readonly SecretShape[] {
  const shapes = new Map<string, SecretShape>();
  const add: Add = (find, pattern = literal(find), piece = false) => {
    if (find.length >= shortest) shapes.set(`${find} ${pattern}`, { find, pattern, piece });
  };
  for (const text of formsOf(secret)) {
    const bytes = Buffer.from(text);
    add(text);
    for (const encoded of percentEncoded(text, bytes)) add(encoded);
    for (const escaped of jsonEscaped(text)) {
      add(escaped);
      for (const again of jsonEscaped(escaped)) add(again);
    }
    for (const quoted of quotedForms(text)) for (const one of [quoted, ...jsonEscaped(quoted)]) add(one);
    if (text.length >= 2 * shortest) addPieces(add, text, spaced(text, colour));
    // Of two bytes a character, as it looks in the midst of a text of one.
    if (/^[ -~]+$/.test(text)) add(text.split("").join("\0"));
    for (const hex of [bytes.toString("hex"), bytes.toString("hex").toUpperCase()]) {
      add(hex);
      addPieces(add, hex, spaced(hex, wrap));
    }
    for (const core of base32Cores(bytes)) {
      const pattern = `${spaced(core, wrap)}[A-Z2-7]?=*`;
      add(core, pattern);
      addPieces(add, core, pattern);
    }
    for (const { core, before, after } of base64Cores(bytes)) {
      // The characters at its ends hold bits of the neighbours and of the secret: they go with it.
      const beginning = before ? `(?:[\\w+/-]${wrap})?` : "";
      const end = after ? `(?:${wrap}[\\w+/-])?` : "";
      for (const one of [core, core.replaceAll("+", "-").replaceAll("/", "_")]) {
        const pattern = `${beginning}${spaced(one, wrap)}${end}=*`;
        add(one, pattern);
        addPieces(add, one, pattern);
      }
    }
  }
  return [...shapes.values()];
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

/** The end of a line, also where JSON has written it. */
export const lineEnd = "(?:(?:\\\\r)?(?:\\\\n)|\\r?\\n[ \\t]{0,60})";
const wrap = `${lineEnd}?`;
const colour = "(?:\\u001b\\[[0-9;]{0,20}m)*";

function spaced(text: string, between: string): string {
  return Array.from({ length: text.length }, (_, at) => literal(text.charAt(at))).join(between);
}

/** Adds two pieces of a text that may have something in its midst: in one of them it is not. */
function addPieces(add: Add, text: string, pattern: string): void {
  const length = Math.min(longestPiece, Math.floor(text.length / 2));
  add(text.slice(0, length), pattern, true);
  add(text.slice(length, 2 * length), pattern, true);
}

/** Half of the shortest line that anybody wraps at. */
const longestPiece = 8;

/** As a shell, SQL, CSV and HTML quote what would end their quotes. */
function quotedForms(text: string): readonly string[] {
  const entities = (names: Readonly<Record<string, string>>): string =>
    text.replaceAll(/[&<>"']/g, (sign) => names[sign] ?? sign);
  const basic = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return [
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", `'"'"'`),
    text.replaceAll("'", "\\'"),
    text.replaceAll(/[^\w@%+=:,./-]/g, "\\$&"),
    text.replaceAll(/["$`\\]/g, "\\$&"),
    text.replaceAll("'", "''"),
    text.replaceAll('"', '""'),
    entities(basic),
    entities({ ...basic, '"': "&quot;" }),
    entities({ ...basic, '"': "&quot;", "'": "&apos;" }),
    entities({ ...basic, '"': "&quot;", "'": "&#39;" }),
    entities({ ...basic, '"': "&#34;", "'": "&#39;" }),
    entities({ ...basic, '"': "&quot;", "'": "&#x27;" }),
    entities({ ...basic, '"': "&#x22;", "'": "&#x27;" }),
  ];
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The characters that stand in base32 whatever comes before and after the bytes. */
function base32Cores(bytes: Buffer): readonly string[] {
  return [0, 1, 2, 3, 4].map((shift) => {
    const bits = `${"0".repeat(8 * shift)}${[...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("")}`;
    const first = Math.ceil((8 * shift) / 5);
    const count = Math.floor(bits.length / 5);
    return Array.from({ length: count - first }, (_, at) =>
      base32.charAt(Number.parseInt(bits.slice(5 * (first + at), 5 * (first + at) + 5), 2)),
    ).join("");
  });
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
