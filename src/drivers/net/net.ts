import type { Network } from "../../ports/network.ts";
import { connect } from "./connect.ts";
import { lookup } from "./lookup.ts";

/** Connections and names by what Node has; each module of it is loaded with the first question for it. */
export function createNetwork(): Network {
  return { connect, lookup };
}
