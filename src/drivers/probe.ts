import { connect } from "node:tls";
import { errorCode } from "./network.ts";

/** Milliseconds for a question that only tells more of a failure. */
const patience = 500;

/**
 * Whether a port that closed a plain connection without a word answers a handshake of TLS. Nothing is sent on it,
 * so nobody needs to be verified.
 */
export async function speaksTls(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, rejectUnauthorized: false });
  const answer = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(resolve, patience, false);
    const end = (spoken: boolean): void => {
      clearTimeout(timer);
      resolve(spoken);
    };
    socket.once("secureConnect", () => end(true));
    // It turns us down in TLS, as one that asks for a client's certificate does.
    socket.on("error", (error) => end((errorCode(error) ?? "").includes("ALERT")));
    socket.once("close", () => end(false));
  });
  socket.destroy();
  return answer;
}
