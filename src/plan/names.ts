import { celData, celDuration } from "../language/expression.ts";
import { render, show, type Names } from "../language/value.ts";
import type { Platform } from "../platform/platform.ts";
import type { Foreach, Include, Param, Runbook } from "../runbook/runbook.ts";

/** The names that do not change during a run; without a platform only the parameters are known. `params` are already values as `paramValue` makes them. */
export function fixedNames(runbook: Runbook, platform: Platform | undefined, params: Names): Names {
  if (platform === undefined) return { params };
  const service = runbook.service === undefined ? undefined : platform.services[runbook.service.name];
  const { name, environment = "", production, services } = platform;
  return {
    params,
    ...(service === undefined
      ? {}
      : { service: { name: service.name, url: service.url, instances: service.instances } }),
    platform: { name, environment, production, services },
  };
}

/** A parameter's value as an expression sees it: whole numbers are bigint, durations are durations. */
export function paramValue(param: Param, value: unknown): unknown {
  if (param.type === "integer") return BigInt(Number(value));
  if (param.type === "duration") return celDuration(Number(value));
  if (param.type === "map") return celData(value);
  if (param.type === "list" && Array.isArray(value))
    return param.of === "duration" ? value.map((ms) => celDuration(Number(ms))) : value.map(celNumber(param));
  return value;
}

/** Whole numbers of a list of them are integers; of a list of numbers each is a double. */
function celNumber({ of }: Param): (item: unknown) => unknown {
  return (item) => (of === "integer" ? BigInt(Number(item)) : item);
}

/**
 * The fixed names of an included runbook: the parameters it was given, its defaults for the rest.
 * A parameter that waits for the run reads `‹expression›` here; the run fills it again.
 */
export function includedNames(include: Include, platform: Platform | undefined, names: Names): Names {
  const params = include.runbook.params.map((param) => {
    const given = include.params[param.name];
    if (given === undefined) return [param.name, paramValue(param, param.default)];
    const rendered = render(given, names);
    return [param.name, rendered.ok ? paramValue(param, rendered.value) : show(given, names)];
  });
  return fixedNames(include.runbook, platform, Object.fromEntries(params));
}

/** The items of a `foreach` whose list is known before anything runs; undefined where only the run knows it. */
export function itemsOf(foreach: Foreach, names: Names): readonly unknown[] | undefined {
  const list =
    foreach.type === "list" ? render(foreach.items, names) : foreach.condition.expression.evaluate(names);
  return list.ok && Array.isArray(list.value) ? list.value : undefined;
}

/** The names that one item's run sees. */
export function itemNames(names: Names, item: unknown, index: number): Names {
  return { ...names, item, index: BigInt(index) };
}
