import { faultKinds, optionText, type OptionKind } from "./fault-table.ts";
import { isServiceName, serviceNames } from "./services.ts";

/** Seconds after the start that ended a fault until it is back. */
const returning = { kind: "number", least: 0, most: 3600 } as const;

const untils = ["cleared", "restart", "recreate"] as const;

/**
 * What is wrong with a fault that is to be set on a service: an unknown service, fault or option, or a value that
 * the option does not take, each with what there is. Undefined when nothing is.
 */
export function faultProblem(service: string, given: Readonly<Record<string, unknown>>): string | undefined {
  const { fault, until, instance: _, returns_after: returns, ...options } = given;
  if (!isServiceName(service)) return `no service named ${service}; there are ${serviceNames.join(", ")}`;
  const here = faultKinds.filter(({ services }) => services.includes(service));
  const kind = here.find((one) => one.fault === fault);
  if (kind === undefined) {
    return `${service} has no fault ${shown(fault)}; there are ${here.map((one) => one.fault).join(", ")}`;
  }
  if (!untils.some((one) => one === until))
    return `until is one of ${untils.join(", ")}, not ${shown(until)}`;
  if (returns !== undefined && (until === "cleared" || valueProblem(returning, returns) !== undefined)) {
    return `returns_after is a number from ${returning.least} to ${returning.most}, of a fault until restart or recreate, not ${shown(returns)}`;
  }
  const known = Object.entries(kind.options);
  for (const [name, value] of Object.entries(options)) {
    const option = known.find(([one]) => one === name)?.[1];
    if (option === undefined) {
      const there = known.map(([one, about]) => optionText(one, about)).join(" ");
      return `the fault ${kind.fault} of ${service} has no option ${name}; ${there === "" ? "it has none" : `there are ${there}`}`;
    }
    const wanted = valueProblem(option, value);
    if (wanted !== undefined) return `${name} of the fault ${kind.fault} is ${wanted}, not ${shown(value)}`;
  }
  return undefined;
}

/** What the option is, when the value is not it. */
function valueProblem(option: OptionKind, value: unknown): string | undefined {
  switch (option.kind) {
    case "number": {
      const good = typeof value === "number" && value >= option.least && value <= option.most;
      const fits = good && (option.whole !== true || Number.isInteger(value));
      return fits
        ? undefined
        : `a ${option.whole === true ? "whole " : ""}number from ${option.least} to ${option.most}`;
    }
    case "flag":
      return typeof value === "boolean" ? undefined : "true or false";
    case "text": {
      const begins = option.begins ?? "";
      const good = typeof value === "string" && value !== "" && value.startsWith(begins);
      return good ? undefined : `a text${begins === "" ? "" : ` that begins with ${begins}`}`;
    }
    case "choice":
      return option.among.some((one) => one === value) ? undefined : `one of ${option.among.join(", ")}`;
    case "list": {
      const list: readonly unknown[] = typeof value === "string" ? value.split(",") : asList(value);
      const good = list.length > 0 && list.every((one) => option.among.some((each) => each === one));
      return good ? undefined : `a list of ${option.among.join(", ")}`;
    }
  }
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}
