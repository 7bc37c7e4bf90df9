import type { Heard, Listened, TakenMessage } from "../../ports/channel.ts";
import type { Http } from "../../ports/ports.ts";
import { Sources, unreadable, type SourceRead } from "../channel/listen.ts";
import { dateOf, isObject, objectsOf, requested, textOf, type Reply } from "../channel/request.ts";

export interface SlackReading {
  readonly token: string;
  /** The channel's id. */
  readonly channel: string;
  /** Where the methods are. */
  readonly api: string;
}

/** The token is wrong, or lacks a scope: another one would do. */
export const wrongToken: ReadonlySet<string> = new Set([
  "not_authed",
  "invalid_auth",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "missing_scope",
  "no_permission",
  "not_allowed_token_type",
]);

/** What people did with a post: their reactions, and what they wrote in its thread. */
export function createSlackAnswers(
  http: Http,
  reading: SlackReading,
): (message: TakenMessage, signal: AbortSignal) => Promise<Listened> {
  const sources = new Sources();
  return async ({ providerId: ts }, signal) => {
    if (ts === undefined) return { heard: [] };
    const read = async (
      method: string,
      query: Readonly<Record<string, string>>,
      heard: (json: Readonly<Record<string, unknown>>, reply: Reply) => readonly Heard[],
    ): Promise<SourceRead> => {
      const { api, token, channel } = reading;
      const reply = await requested(http, {
        method: "GET",
        url: `${api}/api/${method}?${new URLSearchParams({ channel, ...query }).toString()}`,
        headers: { authorization: `Bearer ${token}` },
        signal,
      });
      if (!reply.ok) return { ok: false, message: reply.failure.message };
      const { json } = reply.value;
      if (json?.["ok"] === true) return { ok: true, heard: heard(json, reply.value) };
      const error = textOf(json?.["error"]);
      return wrongToken.has(error)
        ? { ok: false, off: true, message: `Slack lets nobody read them: ${error}` }
        : unreadable(reply.value, error);
    };
    return await sources.listen({
      reactions: async () => await read("reactions.get", { timestamp: ts, full: "true" }, reactionsOf),
      replies: async () =>
        await read("conversations.replies", { ts, limit: "200" }, (json) => repliesOf(json, ts)),
    });
  };
}

/** A reaction has no time of its own: it is heard when it is first read. */
function reactionsOf(json: Readonly<Record<string, unknown>>, reply: Reply): readonly Heard[] {
  const { message } = json;
  if (!isObject(message)) return [];
  const ts = textOf(message["ts"]);
  const at = dateOf(reply) ?? new Date();
  return objectsOf(message["reactions"]).flatMap((reaction) => {
    const name = textOf(reaction["name"]);
    const users = Array.isArray(reaction["users"]) ? reaction["users"].map(textOf) : [];
    return users.map((who): Heard => ({
      id: `${ts} ${name} ${who}`,
      at,
      who,
      what: { did: "reacted", name },
    }));
  });
}

/** What people wrote: the post itself comes first, and apps write too. */
function repliesOf(json: Readonly<Record<string, unknown>>, root: string): readonly Heard[] {
  return objectsOf(json["messages"]).flatMap((post): readonly Heard[] => {
    const [ts, who, text] = [textOf(post["ts"]), textOf(post["user"]), textOf(post["text"])];
    if (ts === root || ts === "" || who === "" || post["bot_id"] !== undefined) return [];
    return [{ id: ts, at: new Date(Number(ts) * 1000), who, what: { did: "wrote", text } }];
  });
}
