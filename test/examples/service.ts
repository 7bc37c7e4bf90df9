import { ScriptedServer, type Answer, type Received, type Reply } from "../cli/server.ts";
import type { Asked } from "./asked.ts";

/** A service of the stand-in: a request that it does not know to the letter, its query included, is 400. */
export class Service {
  readonly server: ScriptedServer;
  private readonly name: string;
  private readonly asked: Asked;
  private readonly names = new Map<string, string>();
  private readonly answers = new Map<string, Answer>();

  private constructor(name: string, asked: Asked, server: ScriptedServer) {
    this.name = name;
    this.asked = asked;
    this.server = server.otherwise(async (request) => await this.answer(request));
  }

  static async start(
    name: string,
    asked: Asked,
    tls?: { readonly key: string; readonly cert: string },
  ): Promise<Service> {
    return new Service(name, asked, await ScriptedServer.start(tls));
  }

  get url(): string {
    return this.server.url;
  }

  /**
   * @param request `POST /api/agents/OPX/restart`, with its query where it has one
   * @param name what stands for it where all that was asked is listed
   */
  on(request: string, answer: Answer, name = request): this {
    this.answers.set(request, answer);
    this.names.set(request, name);
    return this;
  }

  private async answer(request: Received): Promise<Reply> {
    const { method, path, body } = request;
    const answer = this.answers.get(`${method} ${path}`);
    const what = `${this.name} ${this.names.get(`${method} ${path}`) ?? `${method} ${path}`}${body === "" ? "" : ` ${body}`}`;
    if (answer === undefined) return { status: 400, text: this.asked.refuse(what) };
    if (method === "GET" || method === "HEAD") this.asked.read(what);
    else this.asked.change(what);
    return typeof answer === "function" ? await answer(request) : answer;
  }
}
