import process from "node:process";
import { start } from "./main.ts";

// The entry of the stand-alone executable.
if (await start()) process.exit();
