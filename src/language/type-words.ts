/** The library's names of types in a message as a runbook writes them. */
export function inWords(message: string): string {
  return message
    .replaceAll("google.protobuf.Duration", "duration")
    .replaceAll("google.protobuf.Timestamp", "timestamp")
    .replaceAll(/\bdyn<([^<>]+)>/g, "$1");
}
