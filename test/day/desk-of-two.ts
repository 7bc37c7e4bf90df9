import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { parse, stringify } from "yaml";
import { pagerDutyStandIn, type PagerDutyStandIn } from "../../sandbox/channels/pagerduty.ts";
import { slackStandIn, type SlackStandIn } from "../../sandbox/channels/slack.ts";
import { smtpStandIn, type SmtpStandIn } from "../../sandbox/channels/smtp.ts";
import { twilioStandIn, type TwilioStandIn } from "../../sandbox/channels/twilio.ts";
import { webhookStandIn, type WebhookStandIn } from "../../sandbox/channels/webhook.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { root } from "../../tools/places.ts";
import type { Message } from "../../src/incident/outbox.ts";
import { incidentFolder, journalIn, senderLock } from "../../src/store/layout.ts";
import { lockHolder } from "../../src/store/lock.ts";
import { outboxIn } from "../app/incident/queue.ts";
import { person, type Person } from "../cli/people.ts";
import { Screen, type Place } from "../cli/screen.ts";
import { nobodyWrites } from "../cli/still-writing.ts";
import { DayClock } from "./day-clock.ts";
import { portable } from "./portable.ts";

/** The providers, each as strict as the real one. */
export interface Providers {
  readonly slack: SlackStandIn;
  readonly duty: PagerDutyStandIn;
  readonly texts: TwilioStandIn;
  readonly mail: SmtpStandIn;
  readonly hook: WebhookStandIn;
}

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const secrets = {
  SLACK_TOKEN: "xoxb-stand-in-token",
  SLACK_ROOM: "https://hooks.slack.com/services/T000/B000/stand-in-secret",
  PD_KEY: "R0UTINGKEY0000000000000000000001",
  PD_TOKEN: "u+stand-in-token",
  SMS: "stand-in-auth-token",
  HOOK: "stand-in-webhook-secret",
};

/** Two people at one desk of a stack, on a day of their own: one state folder, a login and an SSH key for each. */
export class DeskOfTwo implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "lav-ir-day-"));
  readonly state = join(this.folder, "state");
  readonly ada = person(this, "ada");
  readonly bob = person(this, "bob");
  readonly clock: DayClock;
  readonly providers: Providers;
  readonly stack: Stack;
  private readonly config: string;
  private readonly screens: Screen[] = [];

  private constructor(stack: Stack, clock: (folder: string) => DayClock, providers: Providers) {
    this.stack = stack;
    this.clock = clock(this.folder);
    this.providers = providers;
    // Beside the stack's own: its Compose file is named relative to it.
    this.config = join(stack.folder, "platform-day.yaml");
    const own = parse(readFileSync(stack.platformFile, "utf8")) as Sections;
    writeFileSync(this.config, stringify({ ...own, ...this.sections(own) }));
  }

  /** @param begins the instant at which the day begins */
  static async begin(stack: Stack, begins: string): Promise<DeskOfTwo> {
    let clock: DayClock | undefined;
    const now = (): number => clock?.now() ?? Date.now();
    const providers = {
      slack: await slackStandIn({ now }),
      duty: await pagerDutyStandIn({ now }),
      texts: await twilioStandIn({ now }),
      mail: await smtpStandIn(),
      hook: await webhookStandIn(secrets.HOOK),
    };
    return new DeskOfTwo(
      stack,
      (folder) => (clock = new DayClock(join(folder, "clock"), "ny1", begins)),
      providers,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const screen of this.screens) screen[Symbol.dispose]();
    await nobodyWrites(this.folder);
    for (const one of Object.values(this.providers) as readonly AsyncDisposable[])
      await one[Symbol.asyncDispose]();
    rmSync(this.config, { force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Somebody's terminal, with a command in it. */
  terminal(who: Person, ...args: readonly string[]): Screen {
    const screen = new Screen(this.place(who), args, { columns: 120, rows: 40 });
    this.screens.push(screen);
    return screen;
  }

  /** The same, to its end. @returns what stands on the terminal. */
  async types(who: Person, ...args: readonly string[]): Promise<string> {
    const { code, text } = await this.terminal(who, ...args).ended;
    expect([args.join(" "), code, text]).toEqual([args.join(" "), 0, text]);
    return text;
  }

  /** The incident's journal, as it lies on the disk. */
  journal(incident: string): string {
    return readFileSync(journalIn(incidentFolder(this.state, incident)), "utf8");
  }

  /** The same, as it can be read on any machine. */
  portableJournal(incident: string): string {
    return portable(this.journal(incident), [
      [this.state, "/srv/lav-ir"],
      [this.folder, "/srv/lav"],
      [this.stack.folder, "/srv/lav"],
      [root, "/opt/lav-ir"],
      [this.stack.state.project, "lav-adaf"],
      [this.stack.url("executioner", 1), "http://executioner-1.example:3003"],
      [this.stack.url("executioner", 2), "http://executioner-2.example:3003"],
      [/127\.0\.0\.1:\d+/g, "platform.example"],
    ]);
  }

  /** People write into the review's file. */
  writesReview(incident: string, edit: (text: string) => string): void {
    const file = join(incidentFolder(this.state, incident), "review.md");
    writeFileSync(file, edit(readFileSync(file, "utf8")));
  }

  messages(incident: string): readonly Message[] {
    return outboxIn(this.state, incident).messages;
  }

  /** Resolves when each message has come to an end, or waits for a person. @returns them */
  async sent(incident: string): Promise<readonly Message[]> {
    const open = (): readonly string[] =>
      this.messages(incident)
        .filter(({ state: { state } }) => ["queued", "attempt", "unknown"].includes(state))
        .map(({ key }) => key);
    await expect.poll(open).toEqual([]);
    return this.messages(incident);
  }

  /** Resolves when nobody sends any more. */
  async quiet(): Promise<void> {
    await expect.poll(() => lockHolder(senderLock(this.state))).toBeUndefined();
  }

  /** The request for a second person: a file at this desk. */
  request(): string {
    const files = readdirSync(this.state, { recursive: true, encoding: "utf8" });
    return join(this.state, files.find((name) => name.endsWith(".request.txt")) ?? "");
  }

  private place(who: Person): Place {
    const { PATH = "" } = process.env;
    const { env } = this.stack;
    const own = { LAV_IR_STATE_DIR: this.state, LAV_IR_CONFIG: this.config };
    mkdirSync(this.state, { recursive: true, mode: 0o700 });
    return {
      folder: this.folder,
      env: (more = {}) => ({ PATH, ...env, ...secrets, ...who.env, ...own, ...this.clock.env(), ...more }),
    };
  }

  /** The shipped people, teams, severities and clocks; their channels lead to the stand-ins. */
  private sections({ teams, channels }: Sections): object {
    const { slack, duty, texts, mail, hook } = this.providers;
    const pagerduty = { routing_keys: ["${secrets.PD_KEY}"], token: "${secrets.PD_TOKEN}" };
    const onCall = { pagerduty, private: true, url: duty.url, api: duty.url };
    const rooms = Object.entries(channels ?? {}).filter(([, channel]) => "slack" in (channel as object));
    const room = { slack: { webhook: "${secrets.SLACK_ROOM}" }, url: slack.url };
    return {
      objectives: { rpo: "15m", mttr: "2h", stakeholders: "30m" },
      approvers: { ada: [this.ada.publicKey], bob: [this.bob.publicKey] },
      teams: { ...teams, counterparties: ["eve"] },
      channels: {
        ...Object.fromEntries(rooms.map(([name]) => [name, room])),
        "war-room": {
          slack: { token: "${secrets.SLACK_TOKEN}", channel: "C042", mention: "channel" },
          url: slack.url,
        },
        primary: onCall,
        "on-call": onCall,
        sms: {
          twilio: {
            account: "ACstandin00000000000000000000000001",
            token: "${secrets.SMS}",
            from: "+15550100",
          },
          private: true,
          url: texts.url,
        },
        mail: { email: { server: `smtp://${mail.host}`, from: "desk@example.com", tls: "none" } },
        venues: { webhook: { address: `${hook.url}/incident`, secret: "${secrets.HOOK}" } },
        phone: { call: {}, private: true },
      },
    };
  }
}
