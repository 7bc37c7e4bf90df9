/** The providers that there are stand-ins for. */
export const providerNames = ["slack", "pagerduty", "twilio", "webhook"] as const;
export type ProviderName = (typeof providerNames)[number];

type Option = "number" | "flag" | "text";

interface FaultKind {
  readonly of: readonly ProviderName[];
  readonly what: string;
  readonly options: Readonly<Record<string, Option>>;
}

/** A fault as it is set: its name, how many requests it meets, which ones, and its own options. */
export interface ChannelFault {
  readonly fault: string;
  /** Requests that it meets; without it, all until it is cleared. */
  readonly times?: number;
  /** Only requests whose path has this in it. */
  readonly path?: string;
  readonly [option: string]: string | number | boolean | undefined;
}

const every = { times: "number", path: "text" } as const;

/**
 * Every misbehaviour that can be commanded. With `effect` the request is carried out first, as far as the provider
 * is concerned: the sender cannot know.
 */
export const channelFaults: Readonly<Record<string, FaultKind>> = {
  "rate-limit": {
    of: providerNames,
    what: "429 with Retry-After (`seconds`, 1)",
    options: { ...every, seconds: "number" },
  },
  error: {
    of: providerNames,
    what: "500, or `status`",
    options: { ...every, status: "number", effect: "flag" },
  },
  hang: { of: providerNames, what: "no answer", options: { ...every, effect: "flag" } },
  reset: {
    of: providerNames,
    what: "the connection is reset after the request was read",
    options: { ...every, effect: "flag" },
  },
  drip: {
    of: providerNames,
    what: "carried out, and answered a byte every `every_ms` (1000)",
    options: { ...every, every_ms: "number" },
  },
  "wrong-json": { of: providerNames, what: "carried out, and answered with a page of HTML", options: every },
  "expired-token": {
    of: ["slack", "pagerduty", "twilio"],
    what: "the token or URL is refused, nothing is carried out",
    options: every,
  },
  "missing-scope": {
    of: ["slack"],
    what: "the token may not do this; with `path` only there",
    options: every,
  },
  unsubscribed: {
    of: ["twilio"],
    what: "the number `to` has answered STOP",
    options: { ...every, to: "text" },
  },
  undelivered: {
    of: ["twilio"],
    what: "accepted, and then not delivered",
    options: every,
  },
};

/** What is wrong with a fault that is to be set; undefined where nothing is. */
export function channelFaultProblem(provider: ProviderName, fault: ChannelFault): string | undefined {
  const known = Object.entries(channelFaults).filter(([, { of }]) => of.includes(provider));
  const kind = known.find(([name]) => name === fault.fault)?.[1];
  if (kind === undefined) {
    return `${provider} has no fault ${fault.fault}; there are ${known.map(([name]) => name).join(", ")}`;
  }
  for (const [name, value] of Object.entries(fault)) {
    if (name === "fault") continue;
    const option = kind.options[name];
    if (option === undefined) {
      return `the fault ${fault.fault} has no option ${name}; there are ${Object.keys(kind.options).join(", ")}`;
    }
    if (!fits(option, value))
      return `${name} of the fault ${fault.fault} is a ${option}, not ${String(value)}`;
  }
  return undefined;
}

function fits(option: Option, value: unknown): boolean {
  switch (option) {
    case "number":
      return typeof value === "number" && Number.isFinite(value) && value >= 0;
    case "flag":
      return typeof value === "boolean";
    case "text":
      return typeof value === "string" && value !== "";
  }
}

/** The faults of one stand-in, each with how often it still meets a request. */
export class ChannelFaults {
  private readonly provider: ProviderName;
  private set: { readonly fault: ChannelFault; left: number }[] = [];

  constructor(provider: ProviderName) {
    this.provider = provider;
  }

  /** @throws an Error with what there is, where this is none. */
  add(fault: ChannelFault): void {
    const problem = channelFaultProblem(this.provider, fault);
    if (problem !== undefined) throw new Error(problem);
    this.set.push({ fault, left: fault.times ?? Infinity });
  }

  clear(): void {
    this.set = [];
  }

  /** The first fault among these names that meets a request to this path, which counts as met. */
  meet(path: string, names: readonly string[]): ChannelFault | undefined {
    const found = this.set.find(
      ({ fault, left }) => left > 0 && names.includes(fault.fault) && path.includes(fault.path ?? ""),
    );
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  }
}
