import type { Result } from "../base/result.ts";
import type { Approver } from "../platform/platform.ts";
import type { ApprovalGrant } from "./grant.ts";
import { recordedGrant, recordedRequest, type ApprovalRecord } from "./record.ts";
import type { ApprovalRequest } from "./request.ts";

/** What asking a second person needs from outside of the run. */
export interface ApprovalDesk {
  /** The login that runs this. */
  readonly requester: { readonly login: string; readonly host: string };
  /** The list as it is now. @returns a sentence when the platform file cannot be read. */
  readonly approvers: () => Promise<Result<readonly Approver[], string>>;
  /** An approval is to come in a file that was named: it is waited for without a terminal too. */
  readonly waits: boolean;
  /**
   * The next text that came in a file named beforehand, or beside the journal; undefined when the signal
   * fires. The same text is given once for each request.
   */
  readonly arrival: (request: string, signal: AbortSignal) => Promise<string | undefined>;
  /** A file's text; undefined when it cannot be read. */
  readonly read: (path: string) => Promise<string | undefined>;
}

/** An approval that was given for a step: no more than a claim, until its signature is verified for a use. */
export interface Standing {
  readonly request: ApprovalRequest;
  readonly grant: ApprovalGrant;
}

export const usedAlready = "was already used: an approval is valid once";

/** The requests of one run: which are open, which are over and why, which were granted. */
export class Approvals {
  readonly desk: ApprovalDesk;
  /** By the step's place. */
  readonly open = new Map<string, ApprovalRequest>();
  readonly over = new Map<string, string>();
  private readonly granted = new Map<string, Standing>();
  private readonly people = new Map<string, readonly [string, string]>();

  constructor(desk: ApprovalDesk) {
    this.desk = desk;
  }

  /**
   * What an earlier process of this run says that it asked for and was given. What was used stays used; that
   * something was granted is looked at again by whoever makes use of it.
   */
  restore(records: Iterable<ApprovalRecord>, run: string): this {
    const requests = new Map<string, { readonly place: string; readonly asked: ApprovalRequest }>();
    for (const { type, data } of records) {
      if (data.run !== run) continue;
      if (type === "approval.requested") {
        const asked = recordedRequest(data.asked);
        if (asked?.request !== data.request || asked.run !== run) continue;
        const place = placeKey(data);
        requests.set(data.request, { place, asked });
        this.open.set(place, asked);
      } else if (type === "approval" && data.how === "second-person") {
        const known = requests.get(data.request ?? "");
        if (known === undefined || data.decision !== "granted") continue;
        const grant = recordedGrant(data.grant);
        if (grant === undefined) this.close(known.place, known.asked, usedAlready);
        else this.use(known.place, known.asked, grant);
      }
    }
    return this;
  }

  /** From now on this request is over, whatever becomes of the step. */
  use(place: string, request: ApprovalRequest, grant: ApprovalGrant): void {
    this.close(place, request, usedAlready);
    this.granted.set(request.step, { request, grant });
  }

  close(place: string, request: ApprovalRequest, why: string): void {
    if (this.open.get(place)?.request === request.request) this.open.delete(place);
    this.over.set(request.request, why);
  }

  /** The approvals that were given for these steps, the newest first. */
  standing(steps: readonly string[]): readonly Standing[] {
    return [...this.granted]
      .filter(([step]) => steps.includes(step))
      .map(([, standing]) => standing)
      .toSorted((a, b) => (a.request.created > b.request.created ? -1 : 1));
  }

  agreed(digest: string, asker: string, approver: string): void {
    this.people.set(digest, [asker, approver]);
  }

  /** Who agreed to what has this digest. */
  peopleFor(digest: string): readonly [string, string] | undefined {
    return this.people.get(digest);
  }
}

export function placeKey(place: {
  readonly section: string;
  readonly rung?: string;
  readonly step: string;
}): string {
  return [place.section, place.rung ?? "", place.step].join("/");
}
