import { request, type IncomingMessage } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";

// The load balancer in front of one service, whose instances may come and go: a fixed port on the host,
// shared out among the containers that run. It listens only while one does, so that a service that is down
// refuses connections, as one with a published port would.

const { ENGINE = "", PROJECT = "", SERVICE = "", INSIDE = "0", PORT = "0" } = process.env;
const engine = ENGINE.startsWith("unix://")
  ? { socketPath: `/engine/${ENGINE.slice(ENGINE.lastIndexOf("/") + 1)}` }
  : { host: new URL(ENGINE).hostname, port: new URL(ENGINE).port };
const labels = [`com.docker.compose.project=${PROJECT}`, `com.docker.compose.service=${SERVICE}`];

/** Container → its address in the project's network. */
const running = new Map<string, string>();
let turn = 0;
let server: Server | undefined;

const kinds = { type: ["container"], event: ["start", "die"], label: labels };
const events = await ask(`/events?filters=${filters(kinds)}`);
for (const { Id } of (await json(`/containers/json?filters=${filters({ label: labels })}`)) as {
  Id: string;
}[]) {
  await started(Id);
}
share();
for await (const line of createInterface({ input: events })) {
  const { status, id } = JSON.parse(line) as { status: string; id: string };
  // At its end a container is still in the engine's list for a moment: the event is what counts.
  if (status === "die") running.delete(id);
  else await started(id);
  share();
}
// The engine is gone, and this container with it.
process.exit(1);

async function started(id: string): Promise<void> {
  const { NetworkSettings: settings } = (await json(`/containers/${id}/json`)) as {
    NetworkSettings?: { Networks: Record<string, { IPAddress: string }> };
  };
  const addresses = Object.values(settings?.Networks ?? {}).map(({ IPAddress }) => IPAddress);
  const address = addresses.find((one) => one !== "");
  if (address !== undefined) running.set(id, address);
}

function share(): void {
  if (running.size === 0) {
    server?.close();
    server = undefined;
  } else {
    server ??= createServer({ allowHalfOpen: true, noDelay: true }, pass).listen(Number(PORT), "127.0.0.1");
  }
}

function pass(client: Socket): void {
  const addresses = [...running.values()];
  turn += 1;
  const backend = connect({
    host: addresses[turn % addresses.length] ?? "127.0.0.1",
    port: Number(INSIDE),
    allowHalfOpen: true,
    noDelay: true,
  });
  // A reset on one side is a reset on the other.
  client.on("error", () => backend.resetAndDestroy());
  backend.on("error", () => client.resetAndDestroy());
  client.on("close", () => backend.destroy());
  backend.on("close", () => client.destroy());
  client.pipe(backend);
  backend.pipe(client);
}

function ask(path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ ...engine, path, agent: false }, resolve)
      .on("error", reject)
      .end();
  });
}

async function json(path: string): Promise<unknown> {
  let text = "";
  for await (const chunk of await ask(path)) text += String(chunk);
  return JSON.parse(text);
}

function filters(value: Readonly<Record<string, readonly string[]>>): string {
  return encodeURIComponent(JSON.stringify(value));
}
