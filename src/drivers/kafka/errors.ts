/** Kafka's own name for an error number, and its sentence. */
export async function errorName(number: number): Promise<{ code: string; message: string }> {
  const { createErrorFromCode } = await import("kafkajs/src/protocol/error.js");
  const error = createErrorFromCode(number);
  return { code: error.type ?? `ERROR_${number}`, message: error.message };
}
