import { firstKey } from "../language/read.ts";
import type { Span } from "../language/source.ts";
import type { Entry, Node } from "../language/yaml.ts";

/** The entry that stands at these keys of a tree, a number for the place in a list. */
export function nodeAt(root: Node | undefined, path: readonly (string | number)[]): Node | undefined {
  let at: Node | undefined = root;
  for (const step of path) {
    if (typeof step === "number") at = at?.type === "list" ? at.items[step] : undefined;
    else at = entriesOf(at).find(({ key }) => key === step)?.value;
  }
  return at;
}

export function entriesOf(node: Node | undefined): readonly Entry[] {
  return node?.type === "map" ? node.entries : [];
}

/** The node of a key, or the nearest above it that is written. */
export function nearestNode(root: Node, [name, ...rest]: readonly string[]): Node {
  const entry = entriesOf(root).find(({ key }) => key === name);
  return entry === undefined ? root : nearestNode(entry.value, rest);
}

/** Where to show a problem with a value: at the value, else at the nearest thing around it that is there. */
export function placeOf(root: Node, path: readonly (string | number)[]): Span {
  for (let length = path.length; length > 0; length--) {
    const node = nodeAt(root, path.slice(0, length));
    if (node !== undefined) return node.type === "map" ? firstKey(node) : node.span;
  }
  return root.type === "map" ? firstKey(root) : root.span;
}

/** Where to show a problem with a name: at the key. */
export function keyPlace(root: Node, path: readonly (string | number)[], key: string): Span {
  return entriesOf(nodeAt(root, path)).find((entry) => entry.key === key)?.keySpan ?? placeOf(root, path);
}
