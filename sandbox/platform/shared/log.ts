export type Level = "info" | "warn" | "error";
export type Log = (level: Level, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** One line of JSON an entry, on stdout, as `docker logs` will show it. */
export function createLog(service: string, instance: string): Log {
  return (level, message, fields = {}) => {
    const entry = { time: new Date().toISOString(), level, service, instance, message, ...fields };
    process.stdout.write(`${JSON.stringify(entry)}\n`);
  };
}

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
