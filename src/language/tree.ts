import { readPlain } from "./plain-yaml.ts";
import type { Source } from "./source.ts";
import { parseYaml, type ParsedYaml } from "./yaml.ts";

/**
 * Parses one document of YAML 1.2: by the reader of plain files, and where a file is not one, by the whole parser, which
 * alone knows what is wrong with it. With any problem reported, the tree is undefined.
 */
export function readTree(source: Source): ParsedYaml {
  const plain = readPlain(source.text);
  return plain === undefined ? parseYaml(source) : { node: plain, problems: [] };
}
