import { request } from "node:http";

/** Milliseconds; longer than a program takes for it itself. */
const patience = 90_000;

/** Asks one instance of a service to do something with itself. @throws when it has not done it */
export async function callService(base: string, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const call = request(`${base}${path}`, { method: "POST", agent: false, timeout: patience }, (reply) => {
      let text = "";
      reply.on("data", (chunk: Buffer) => (text += chunk.toString()));
      reply.on("error", reject);
      reply.on("end", () => {
        if (reply.statusCode === 200) resolve();
        else reject(new Error(`${base}${path}: ${reply.statusCode} ${text.slice(0, 500)}`));
      });
    });
    call.on("timeout", () => call.destroy(new Error(`${base}${path}: no answer within ${patience} ms`)));
    call.on("error", reject);
    call.end();
  });
}
