import { httpChange } from "./http-change.ts";
import type { Kind } from "../kind.ts";

export const httpDelete: Kind = httpChange("DELETE", "Delete something on an HTTP server");
