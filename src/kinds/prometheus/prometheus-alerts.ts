import { fail, ok } from "../../base/result.ts";
import { nearest } from "../../base/suggest.ts";
import { list, object, optional, text } from "../../language/shape.ts";
import { shownList } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import { ask, checkThereIsOne, curlOf, misread, targetOf } from "./asking.ts";

interface Args {
  readonly names?: readonly string[];
}

interface Outputs {
  readonly firing: readonly Alert[];
  readonly pending: readonly Alert[];
  readonly rules: number;
  readonly unhealthy: readonly Unhealthy[];
}

interface Alert {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly since?: Date;
  readonly summary: string;
}

interface Unhealthy {
  readonly name: string;
  readonly why: string;
}

/** A rule of Prometheus, as far as it is looked at. */
interface Rule {
  readonly name: string;
  readonly health: string;
  readonly error: string;
  readonly alerts: readonly (Alert & { readonly state: string })[];
}

export const prometheusAlerts: Kind = defineKind<Args, Outputs>({
  name: "prometheus.alerts",
  summary: "Alerts that Prometheus's rules hold, firing and pending",
  doc: [
    "Reads the alerting rules of the `prometheus` of the platform file and the alerts they hold, those that are silenced in an Alertmanager among them. `expect: firing == []` says that none fires; with names it is about these alone.",
    "A name that no rule has, and a rule of that name that cannot be evaluated or has not been yet, is unknown; so is a Prometheus without any alerting rule. Without names, such rules are listed in `unhealthy`: `expect: firing == [] && unhealthy == []`.",
  ].join("\n\n"),
  effect: "read",
  store: "prometheus",
  args: object(
    {
      names: optional(
        list(text(), { min: 1, lone: true }),
        "Names of alerting rules; all of them when left out",
      ),
    },
    { primary: "names" },
  ),
  outputs: {
    firing: {
      type: "list<dyn>",
      doc: "name, labels, since and summary of each alert that fires, the oldest first",
    },
    pending: {
      type: "list<dyn>",
      doc: "The same of each whose condition holds, but not for long enough yet",
    },
    rules: { type: "int", doc: "Alerting rules considered: all of them, or those of the names" },
    unhealthy: {
      type: "list<dyn>",
      doc: "name and why of each rule that cannot be evaluated, or has not been yet",
    },
  },
  unreachable: "unknown",
  undo: { how: "nothing" },
  check: (_args, where) => checkThereIsOne(where),
  plan: ({ names }, where) => {
    const which =
      names === undefined ? "every alerting rule" : `the alerting rules ${shownList(names).join(", ")}`;
    return `prometheus.alerts: ask ${targetOf(where)} for ${which}`;
  },
  byHand: (_args, where) => curlOf(where, "rules", { type: "alert" }),
  execute: async ({ names }, context) => {
    const answer = await ask(context, "rules", { type: "alert" });
    if (!answer.ok) return answer;
    const target = targetOf({ prometheus: context.ports.prometheus?.target });
    const all = rulesIn(answer.value.data);
    if (all === undefined) return fail(misread(target, "its answer has no groups of rules"));
    // Where nothing is watched, nothing fires: that is no good news.
    if (all.length === 0)
      return fail({
        type: "missing",
        target,
        message: `${target} has no alerting rules; is it the right one?`,
      });
    const absent = names?.find((name) => all.every((rule) => rule.name !== name));
    if (absent !== undefined) {
      const near = nearest(
        absent,
        all.map(({ name }) => name),
      );
      const hint = near === undefined ? "" : `; did you mean ${near}?`;
      return fail({ type: "missing", target, message: `${target} has no alerting rule ${absent}${hint}` });
    }
    const rules = names === undefined ? all : all.filter(({ name }) => names.includes(name));
    const unhealthy = rules.flatMap((rule) => unhealthyOf(rule) ?? []);
    const [first] = unhealthy;
    if (names !== undefined && first !== undefined)
      return fail(misread(target, `the rule ${first.name} ${first.why}`));
    return ok({
      firing: alertsOf(rules, "firing"),
      pending: alertsOf(rules, "pending"),
      rules: rules.length,
      unhealthy,
    });
  },
});

function unhealthyOf({ name, health, error }: Rule): Unhealthy | undefined {
  if (health === "ok") return undefined;
  if (health === "unknown") return { name, why: "has not been evaluated yet" };
  return { name, why: `cannot be evaluated: ${error === "" ? health : error}` };
}

function alertsOf(rules: readonly Rule[], wanted: string): readonly Alert[] {
  const found = rules.flatMap(({ alerts }) => alerts.filter(({ state }) => state === wanted));
  return found
    .toSorted((a, b) => (a.since?.getTime() ?? 0) - (b.since?.getTime() ?? 0))
    .map(({ state: _state, ...alert }) => alert);
}

type Loose = Readonly<Record<string, unknown>>;

function rulesIn(data: unknown): readonly Rule[] | undefined {
  const { groups } = (data ?? {}) as Loose;
  if (!Array.isArray(groups)) return undefined;
  return listIn(groups)
    .flatMap(({ rules }) => listIn(rules))
    .filter(({ type }) => type === "alerting")
    .map((rule) => {
      const name = textOf(rule["name"]);
      return {
        name,
        health: textOf(rule["health"]),
        error: textOf(rule["lastError"]),
        alerts: listIn(rule["alerts"]).map((alert) => alertOf(name, alert)),
      };
    });
}

function alertOf(name: string, { labels, annotations, state, activeAt }: Loose): Rule["alerts"][number] {
  const { alertname: _name, ...own } = textsOf(labels);
  const { summary, description } = textsOf(annotations);
  const since = new Date(textOf(activeAt));
  return {
    name,
    labels: own,
    ...(Number.isNaN(since.getTime()) ? {} : { since }),
    summary: summary ?? description ?? "",
    state: textOf(state),
  };
}

function listIn(value: unknown): readonly Loose[] {
  return Array.isArray(value)
    ? value.filter((one): one is Loose => typeof one === "object" && one !== null)
    : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  return typeof value === "object" && value !== null ? { ...(value as Record<string, string>) } : {};
}
