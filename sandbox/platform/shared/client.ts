import { Agent, request } from "node:http";

export interface ClientReply {
  readonly status: number;
  readonly json: unknown;
}

export interface ClientCall {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly json?: unknown;
  /** Milliseconds for the whole call. */
  readonly within: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

/** One call to another program; throws when no whole answer came in time, or it is not JSON. */
export async function callJson(url: string, call: ClientCall): Promise<ClientReply> {
  const body = call.json === undefined ? undefined : JSON.stringify(call.json);
  return await new Promise<ClientReply>((resolve, reject) => {
    const sent = request(url, {
      agent,
      method: call.method ?? (body === undefined ? "GET" : "POST"),
      headers:
        body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
    });
    const timer = setTimeout(
      () => sent.destroy(new Error(`no answer within ${call.within} ms`)),
      call.within,
    );
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    sent.once("error", fail);
    sent.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", fail);
      response.once("end", () => {
        clearTimeout(timer);
        try {
          const json = JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
          resolve({ status: response.statusCode ?? 0, json });
        } catch {
          reject(new Error("the answer is not JSON"));
        }
      });
    });
    sent.end(body);
  });
}

/** The sentence of an error's answer. */
export function errorOf(reply: ClientReply): string {
  const { error } = reply.json as { error?: { message?: string } };
  return error?.message ?? `status ${reply.status}`;
}
