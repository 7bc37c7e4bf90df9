import { spawn, type ChildProcess } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readMessages, written, type Message } from "./lsp-messages.ts";

const shipped = fileURLToPath(new URL("../../runbooks/", import.meta.url));
const require = createRequire(import.meta.url);
const program = join(
  dirname(require.resolve("yaml-language-server/package.json")),
  "bin/yaml-language-server",
);
/** As an editor is set that knows nothing of runbooks: no list of schemas is fetched. */
const settings = { validate: true, completion: true, hover: true, schemaStore: { enable: false } };

/** Something that can be completed at the place. */
export interface Completion {
  readonly label: string;
  readonly insertText?: string;
  readonly documentation?: string | { readonly value: string };
}

export interface Opened {
  /** What the editor marks: `LINE: message`, lines from 1. */
  readonly marked: readonly string[];
  readonly offered: readonly Completion[];
}

/** The server that editors run for YAML, with the shipped schemas beside the files it is given. */
export class LanguageServer implements AsyncDisposable {
  private readonly folder: string;
  private readonly child: ChildProcess;
  private readonly answers = new Map<number, (result: unknown) => void>();
  private readonly published = new Map<string, (marks: readonly Mark[]) => void>();
  private asked = 0;
  private files = 0;

  private constructor(folder: string) {
    this.folder = folder;
    for (const of of ["runbook", "platform"]) {
      const name = `${of}.schema.json`;
      copyFileSync(join(shipped, name), join(folder, name));
    }
    this.child = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    if (this.child.stdout !== null) readMessages(this.child.stdout, (message) => this.hear(message));
  }

  static async start(): Promise<LanguageServer> {
    const server = new LanguageServer(mkdtempSync(join(tmpdir(), "lav-ir-editor-")));
    const uri = pathToFileURL(server.folder).href;
    const snippets = { completionItem: { snippetSupport: true } };
    await server.ask("initialize", {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: "runbooks" }],
      capabilities: { textDocument: { completion: snippets }, workspace: { configuration: true } },
    });
    server.send({ method: "initialized", params: {} });
    return server;
  }

  /** Opens a file. @param text with `|` where the cursor is, if something is completed there */
  async open(of: "runbook" | "platform", text: string): Promise<Opened> {
    const whole = `# yaml-language-server: $schema=./${of}.schema.json\n${text}`;
    const at = whole.indexOf("|");
    const clean = whole.replace("|", "");
    const uri = pathToFileURL(join(this.folder, `${++this.files}.yaml`)).href;
    const marks = new Promise<readonly Mark[]>((resolve) => this.published.set(uri, resolve));
    const textDocument = { uri, languageId: "yaml", version: 1, text: clean };
    this.send({ method: "textDocument/didOpen", params: { textDocument } });
    const marked = (await marks).map(({ range, message }) => `${range.start.line + 1}: ${message}`);
    if (at === -1) return { marked, offered: [] };
    const before = clean.slice(0, at).split("\n");
    const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
    const found = await this.ask("textDocument/completion", { textDocument: { uri }, position });
    return { marked, offered: (found as { readonly items: readonly Completion[] }).items };
  }

  private async ask(method: string, params: object): Promise<unknown> {
    const id = ++this.asked;
    return await new Promise((resolve) => {
      this.answers.set(id, resolve);
      this.send({ id, method, params });
    });
  }

  private hear({ id, method, params, result }: Message): void {
    if (method === "textDocument/publishDiagnostics") {
      const { uri, diagnostics } = params as { readonly uri: string; readonly diagnostics: readonly Mark[] };
      this.published.get(uri)?.(diagnostics);
    } else if (method === undefined) this.answers.get(id ?? 0)?.(result);
    else if (id !== undefined) this.send({ id, result: this.configured(params) });
  }

  private configured(params: unknown): readonly unknown[] {
    const { items = [] } = (params ?? {}) as { readonly items?: readonly { readonly section?: string }[] };
    return items.map(({ section }) => (section === "yaml" ? settings : {}));
  }

  private send(message: Message): void {
    this.child.stdin?.write(written(message));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("close", resolve));
    this.child.kill();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Mark {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number } };
}
