import { start } from "./main.ts";

// The entry of the stand-alone executable.
void start();
