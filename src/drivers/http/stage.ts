/** Where it went wrong, for the sentence and for what may have happened. */
export type Stage = "connecting" | "waiting for the reply" | "reading the reply";
