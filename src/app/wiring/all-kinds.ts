import type { Kind } from "../../kinds/kind.ts";
import { kindsByName } from "./kinds.ts";

/** Every kind of step there is, loaded: for what tells of all of them. */
export const kinds: readonly Kind[] = [...kindsByName.keys()].flatMap((name) => kindsByName.get(name) ?? []);
