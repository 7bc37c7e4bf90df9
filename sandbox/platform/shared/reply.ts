/** What a handler answers with. `body` is JSON unless `text` is given. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is an error, thrown from wherever it is noticed. */
export class Refusal extends Error {
  readonly reply: Reply;
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.reply = { status, body: { error: { code, message } }, headers };
  }
}

export function ok(body: unknown): Reply {
  return { status: 200, body };
}

export function accepted(body: unknown): Reply {
  return { status: 202, body };
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, "bad_request", message);
}

export function notFound(message: string): Refusal {
  return new Refusal(404, "not_found", message);
}

export function conflict(code: string, message: string): Refusal {
  return new Refusal(409, code, message);
}
