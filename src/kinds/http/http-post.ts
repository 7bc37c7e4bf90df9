import { httpChange } from "./http-change.ts";
import type { Kind } from "../kind.ts";

export const httpPost: Kind = httpChange("POST", "Send something to an HTTP server");
