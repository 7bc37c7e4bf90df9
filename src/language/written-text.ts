import { parse } from "yaml";

/** A text as a value of YAML in one line, block or flow: plain where it is read back as it is, else in quotes. */
export function writtenText(text: string): string {
  const plain = /^[A-Za-z][\w./:-]*(?: [\w./:-]+)*$/.test(text) && readBack(text) === text;
  // What JSON quotes, YAML's double quotes read as well.
  return plain ? text : JSON.stringify(text);
}

function readBack(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
