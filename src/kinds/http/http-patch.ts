import { httpChange } from "./http-change.ts";
import type { Kind } from "../kind.ts";

export const httpPatch: Kind = httpChange("PATCH", "Change part of something on an HTTP server");
