import { symbols } from "./platform/trading/order.ts";
import { venueNames } from "./platform/venue/seed.ts";
import { serviceNames, type ServiceName } from "./services.ts";

/** What an option of a fault may be. A list may be given as one or as words with commas between. */
export type OptionKind =
  | { readonly kind: "number"; readonly least: number; readonly most: number; readonly whole?: boolean }
  | { readonly kind: "flag" }
  | { readonly kind: "text"; readonly begins?: string }
  | { readonly kind: "choice"; readonly among: readonly string[] }
  | { readonly kind: "list"; readonly among: readonly string[] };

export interface FaultKind {
  /** The services that know it. */
  readonly services: readonly ServiceName[];
  readonly what: string;
  readonly options: Readonly<Record<string, OptionKind>>;
}

const whole = (least: number, most: number): OptionKind => ({ kind: "number", least, most, whole: true });
const part: OptionKind = { kind: "number", least: 0, most: 1 };
const flag: OptionKind = { kind: "flag" };
const milliseconds = whole(1, 86_400_000);
const path: OptionKind = { kind: "text", begins: "/" };
const venues: OptionKind = { kind: "list", among: venueNames };
/** Which requests an HTTP fault meets. */
const some = { path, rate: part };
const at = { venues, venue: venues };

const all = serviceNames;
const withPool = serviceNames.filter((name) => name !== "venues");

/**
 * Every fault that there is. One name may be another thing on another service: then it has an entry for each.
 * The help of `npm run stack`, the checks of what is set and the README's table are made of this.
 */
export const faultKinds: readonly (FaultKind & { readonly fault: string })[] = [
  {
    fault: "crash",
    services: all,
    what: "exit 1, now and at every start",
    options: { code: whole(0, 255) },
  },
  { fault: "crash-loop", services: all, what: "the same", options: { code: whole(0, 255) } },
  {
    fault: "oom",
    services: all,
    what: "memory until the kernel kills it (without a limit of its own it ends itself at `max_mb`)",
    options: { max_mb: whole(1, 4096), every_ms: milliseconds },
  },
  {
    fault: "hang",
    services: all,
    what: "accepts, never answers; with `block` the whole program stands still, signals too",
    options: { block: flag, ...some },
  },
  {
    fault: "drip",
    services: all,
    what: "one byte a second; with `head` from the status line on",
    options: { every_ms: milliseconds, head: flag, ...some },
  },
  {
    fault: "errors",
    services: all,
    what: "500, or `status`. With `effect` the request is carried out first",
    options: { status: whole(400, 599), effect: flag, ...some },
  },
  {
    fault: "reset",
    services: all,
    what: "reset after reading. With `effect` the request is carried out first",
    options: { effect: flag, ...some },
  },
  {
    fault: "garbage",
    services: all,
    what: "bytes that are no HTTP. With `effect` the request is carried out first",
    options: { effect: flag, ...some },
  },
  {
    fault: "slow",
    services: all,
    what: "every answer so late; with `before` the work itself",
    options: { ms: milliseconds, before: flag, ...some },
  },
  {
    fault: "corrupt",
    services: all,
    what: "the checkpoint file is damaged: unhealthy until a new container, whatever `until` says",
    options: {},
  },
  {
    fault: "leak",
    services: withPool,
    what: "connections taken until PostgreSQL refuses more, or there are `most`",
    options: { every_ms: milliseconds, most: whole(1, 1000), transaction: flag, query: flag },
  },
  { fault: "stale", services: ["market-sentinel"], what: "no regime is published", options: {} },
  {
    fault: "backlog",
    services: ["market-sentinel"],
    what: "`produce` messages a second instead of one (300), `consume` taken a second by each member (0)",
    options: { produce: whole(0, 100_000), consume: whole(0, 100_000) },
  },
  {
    fault: "alerts",
    services: ["risk-warden"],
    what: "violations, `rate` a second (5), of each position in turn",
    options: { rate: whole(0, 1000) },
  },
  {
    fault: "fills",
    services: ["executioner"],
    what: "orders time out: `fill_rate` (0.5) of them are filled, at each venue in turn",
    options: { fill_rate: part, ...at },
  },
  {
    fault: "fills",
    services: ["venues"],
    what: "market orders stay unfilled: `fill_rate` (0.5) are filled, at each venue in turn, and slip",
    options: { fill_rate: part, slippage_bps: { kind: "number", least: 0, most: 10_000 }, ...at },
  },
  { fault: "venue-down", services: ["executioner"], what: "the line to a venue is cut", options: at },
  {
    fault: "venue-down",
    services: ["venues"],
    what: "a venue answers 503; with `hang` not at all",
    options: { hang: flag, ...at },
  },
  {
    fault: "deaf",
    services: ["executioner"],
    what: "answers the halt and trades on; its status lies unless `honest`",
    options: { honest: flag },
  },
  {
    fault: "forget",
    services: ["executioner"],
    what: "a start does not know of the halt before it",
    options: {},
  },
  { fault: "refuse-cancel", services: ["venues"], what: "cancels nothing", options: at },
  { fault: "late-fill", services: ["venues"], what: "fills what was cancelled", options: at },
  {
    fault: "misreport",
    services: ["venues"],
    what: "positions that are wrong by so much (1)",
    options: { by: { kind: "number", least: -1e9, most: 1e9 }, ...at },
  },
  {
    fault: "data",
    services: ["gateway"],
    what: "prices are stale, missing, jumping (every second one) or negative",
    options: {
      kind: { kind: "choice", among: ["stale", "missing", "jump", "negative"] },
      symbols: { kind: "list", among: Object.keys(symbols) },
    },
  },
];

/** How an option is written, with what it may be: `fill_rate=0…1`. */
export function optionText(name: string, option: OptionKind): string {
  switch (option.kind) {
    case "number":
      return `${name}=${option.least}…${option.most}`;
    case "flag":
      return `${name}=true`;
    case "text":
      return `${name}=${option.begins ?? ""}…`;
    case "choice":
      return `${name}=${option.among.join("|")}`;
    case "list":
      return `${name}=${option.among[0] ?? ""},…`;
  }
}

/** The services of a fault, in words. */
export function servicesText({ services }: FaultKind): string {
  if (services.length === all.length) return "every service";
  const without = all.filter((name) => !services.includes(name));
  return without.length === 1 ? `all but ${without.join()}` : services.join(", ");
}

/** The table of the platform's README, a line each. */
export function faultTable(): readonly string[] {
  const rows = faultKinds.map((kind) => {
    const options = Object.entries(kind.options).map(([name, option]) => `\`${optionText(name, option)}\``);
    return `| ${kind.fault} | ${servicesText(kind)} | ${kind.what} | ${options.join(" ").replaceAll("|", "\\|")} |`;
  });
  return ["| fault | of | what happens | options |", "|---|---|---|---|", ...rows];
}
