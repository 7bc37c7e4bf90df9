/**
 * What stands in an expression's text and is none of its code: strings (in three quotes or one; to the
 * library a backslash keeps a quote from closing even a raw one) and comments. Code that looks into the text of an expression steps over these.
 */
const long = `"""(?:[^\\\\]|\\\\[\\s\\S])*?"""|'''(?:[^\\\\]|\\\\[\\s\\S])*?'''`;
const short = `"(?:[^"\\\\\\n]|\\\\.)*"|'(?:[^'\\\\\\n]|\\\\.)*'`;
const comment = "\\/\\/[^\\n]*";

/** Source of a regular expression that matches one whole string or comment. */
export const notCode = `${long}|${short}|${comment}`;

const sticky = new RegExp(notCode, "y");

/** Where the string or comment that begins at this offset ends; undefined when none begins there. */
export function endOfNotCode(text: string, at: number): number | undefined {
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : undefined;
}
