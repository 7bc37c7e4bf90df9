import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "undici";
import { whereIs } from "../../tools/programs.ts";

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
}

/** A Chromium without a window, told what to do through its own protocol. */
export class Browser implements AsyncDisposable {
  /** Addresses that its pages asked for, and what they complained of. */
  readonly requests: string[] = [];
  readonly complaints: string[] = [];
  private readonly child: ChildProcess;
  private readonly socket: WebSocket;
  private readonly folder: string;
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private session: string | undefined;
  private last = 0;

  private constructor(child: ChildProcess, socket: WebSocket, folder: string) {
    this.child = child;
    this.socket = socket;
    this.folder = folder;
    socket.addEventListener("message", ({ data }) => this.hear(JSON.parse(String(data)) as Reply));
  }

  static async start(): Promise<Browser> {
    const program = process.env["LAV_TEST_CHROMIUM"] ?? whereIs("chromium") ?? "chromium";
    const folder = mkdtempSync(join(tmpdir(), "lav-ir-browser-"));
    const args = [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
    ];
    const child = spawn(
      program,
      [...args, "--remote-debugging-port=0", `--user-data-dir=${folder}`, "about:blank"],
      {
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    const address = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", () => reject(new Error(`${program} ended before it listened`)));
      const lines = createInterface({ input: child.stderr });
      lines.on("line", (line) => {
        const [, found] = /DevTools listening on (ws:\S+)/.exec(line) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    const browser = new Browser(child, socket, folder);
    await browser.openPage();
    return browser;
  }

  async send(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.last;
    const reply = await new Promise<Reply>((resolve) => {
      this.waiting.set(id, resolve);
      this.socket.send(
        JSON.stringify({
          id,
          method,
          params,
          ...(this.session === undefined ? {} : { sessionId: this.session }),
        }),
      );
    });
    if (reply.error !== undefined) throw new Error(`${method}: ${reply.error.message}`);
    return reply.result ?? {};
  }

  /** The value of an expression in the page. */
  async value(expression: string): Promise<unknown> {
    const { result } = (await this.send("Runtime.evaluate", { expression, returnByValue: true })) as {
      result: { value?: unknown };
    };
    return result.value;
  }

  /** Resolves when the page has loaded. */
  async open(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
    while ((await this.value("document.readyState + location.href")) !== `complete${url}`) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private async openPage(): Promise<void> {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    this.session = String(sessionId);
    for (const domain of ["Page", "Network", "Log", "Runtime"]) await this.send(`${domain}.enable`);
  }

  private hear({ id, method, params, ...reply }: Reply): void {
    if (id !== undefined) {
      this.waiting.get(id)?.(reply);
      this.waiting.delete(id);
    } else if (method === "Network.requestWillBeSent") {
      const { request } = params as { readonly request: { readonly url: string } };
      this.requests.push(request.url);
    } else if (method === "Log.entryAdded" || method === "Runtime.exceptionThrown") {
      this.complaints.push(JSON.stringify(params));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.child.once("close", resolve));
    this.socket.close();
    this.child.kill("SIGKILL");
    await closed;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
