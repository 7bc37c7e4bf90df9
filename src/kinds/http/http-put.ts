import { httpChange } from "./http-change.ts";
import type { Kind } from "../kind.ts";

export const httpPut: Kind = httpChange("PUT", "Set something on an HTTP server");
