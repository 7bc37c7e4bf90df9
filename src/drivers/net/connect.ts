import type { Result } from "../../base/result.ts";
import { fail, ok } from "../../base/result.ts";
import type { Connected, Endpoint } from "../../ports/network.ts";
import { hostText } from "../address.ts";
import { messageOf, networkFailure, timedOut } from "../network.ts";

/** Opens a TCP connection, and closes it at once: nothing is sent on it. */
export async function connect(to: Endpoint, signal: AbortSignal): Promise<Result<Connected>> {
  const { connect: open } = await import("node:net");
  const target = `${hostText(to.host)}:${to.port}`;
  const started = performance.now();
  if (signal.aborted) return fail(timedOut(target, "connecting", started, signal));
  const socket = open({ host: to.host, port: to.port });
  const result = await new Promise<Result<Connected>>((resolve) => {
    const onAbort = (): void => resolve(fail(timedOut(target, "connecting", started, signal)));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("close", () => signal.removeEventListener("abort", onAbort));
    socket.on("error", (error) => {
      const unknown = { type: "unreachable", target, cause: "closed", message: messageOf(error) } as const;
      resolve(fail(networkFailure(target, error) ?? unknown));
    });
    socket.once("connect", () => {
      resolve(ok({ address: socket.remoteAddress ?? to.host, elapsed: performance.now() - started }));
    });
  });
  socket.destroy();
  return result;
}
