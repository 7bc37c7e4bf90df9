import {
  boolean,
  defaulted,
  duration,
  integer,
  json,
  list,
  map,
  number,
  object,
  oneOf,
  optional,
  text,
  type Shape,
} from "../language/shape.ts";

/**
 * The keys of a runbook file apart from the kinds' own: one list serves reading, messages, the JSON
 * Schema and the reference. Keys whose value is an expression are marked `expression` in `stepKeys`.
 */
export const runbookKeys = {
  runbook: "Its name: what `lav-ir run` is given. The file is named NAME.yaml.",
  title: "One line for lists and headers.",
  severity: "P0 to P3, or another name that the platform file has for one; sets the response clock.",
  service: "The platform service it is about; `service.url` and `service.name` in expressions.",
  owner: "Who looks after it: a person, a team or a channel.",
  alerts: "Ids of the alerts that it answers; `lav-ir list --alert ID` finds it.",
  links: "Addresses of dashboards and pages about it.",
  reviewed: "The day on which somebody last read it, such as 2026-11-30.",
  symptoms: "What a person notices; shown by `lav-ir show`.",
  params: "Values the operator may set with --param NAME=VALUE.",
  secrets: "Environment variables it takes secrets from, used as ${secrets.NAME}.",
  timeout: "Deadline of the whole run.",
  tolerate:
    "true: a step of `steps` that fails, a read that is unknown, a question nobody is there for does not end them; the run ends with what was not ok. A change whose effect is unknown always ends them.",
  diagnose: "Reads, side by side unless `needs` says otherwise; each yields a finding.",
  steps: "A procedure: steps in order.",
  resolve: "A ladder of rungs, climbed only while the findings persist.",
  after:
    "Steps in order when the outcome is known, which they see as `run.outcome`; not after an interruption or a refusal, which owes them to `lav-ir resume`. They never make the exit code better.",
  prevent: "What would keep it from happening again; shown by `lav-ir show`.",
} as const;

export const rungKeys = {
  rung: "Its name.",
  title: "One line.",
  why: "For the person reading at 3am.",
  when: "An expression; when it is false the rung is skipped.",
  steps: "What the rung does, in order.",
  verify:
    "How success is judged: `{ findings: all | [ids], within, every, hold }`, or steps that must all hold.",
} as const;

export const stepKeys = {
  id: "Its name: lower-case letters, digits and _. Its outputs are steps.ID.OUTPUT.",
  title: "One line; without it the plan's own line is shown.",
  why: "For the person reading at 3am.",
  expect:
    "An expression over the step's outputs that must be true; or a map of names and expressions, of which the sentence names those that do not hold.",
  finding: "A sentence about the result, with ${…}.",
  retry: "`{ until, every, within }`: run again until the expression holds.",
  timeout: "The step's deadline.",
  when: "An expression; when it is false the step is skipped.",
  needs: "Names of steps or groups that must have ended before this one begins.",
  tolerate:
    "true: when it does not end well, its list carries on. The nearest counts: a step's, its group's, the runbook's. A change whose effect is unknown always ends the list.",
  requires: "Interlocks that must hold before it changes anything: `[trading-halted]`.",
  save: "NAME: expression over the outputs, kept as vars.NAME, which `expect` and `finding` see, and the next ones. Not beside `foreach`.",
  foreach:
    "A list, or an expression that gives one: the step runs for each `item`, numbered `index` from 0. Reads run side by side, changes in order after one consent. `steps.ID.items` lists `item`, `outcome`, `sentence` and the outputs of each.",
  label:
    "What an item of `foreach` is called, with ${…}; by default the item, its name or id, or its number.",
  at: "The store that it speaks to, where the platform file names several: `at: replica`. Of a `foreach` over a constant list it may be ${item}. Without it the one called main.",
  unreachable: "What no answer means: failed or unknown. Each kind has its own default.",
  effect: "Raises the effect: change or destructive.",
  approvers: "2: a second person signs what it would do, beside the operator's own consent.",
  approved_with: "An earlier step whose second person's approval is good for this one too, while it holds.",
  expires: "How long the second person's approval holds; 15 minutes unless it says otherwise.",
} as const;

export const groupKeys = {
  steps: "The steps under its title: side by side in `diagnose`, otherwise in order.",
  id: "Its name: `steps.ID.outcome` is the worst of it. Ids in it are seen from everywhere.",
  title: stepKeys.title,
  why: stepKeys.why,
  when: "An expression; when it is false all of it is skipped.",
  needs: "Names of steps or groups that must have ended before this one begins.",
  tolerate: stepKeys.tolerate,
  foreach:
    "A list, or an expression that gives one: all of it runs for each `item`, numbered `index` from 0, one after the other, and each change is asked for in its turn; in `diagnose` side by side, and each item's steps are findings of their own. Ids in it are the item's own; outside they are `steps.GROUP.items[n].ID`.",
  label: stepKeys.label,
  timeout: "When it is over nothing more of it begins. A change under way keeps its own deadline.",
} as const;

export const includeKeys = {
  include: "The runbook whose section is brought in.",
  section: "diagnose (the default) or steps.",
  with: "Its parameters.",
  id: stepKeys.id,
  title: stepKeys.title,
  why: stepKeys.why,
  when: stepKeys.when,
  needs: stepKeys.needs,
  tolerate: stepKeys.tolerate,
} as const;

/** A day, as a person writes it down. */
export const day = text({
  template: "none",
  pattern: {
    test: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
    says: "a day such as 2026-11-30",
  },
});

/** Text that is shown as it stands: nothing is filled in, so nothing that must not be seen can stand there. */
export const plainText = text({
  template: "none",
  instead: "It is shown as written; arguments and finding: take ${…}.",
});

/** A timer cannot hold more than 24 days: it would fire at once. Nobody waits a week for a runbook. */
const longestWait = 7 * 24 * 3_600_000;

/** A deadline: of a step, of a run. */
export const deadline = duration({ min: 1, max: longestWait });
/** How long a second person's approval may be waited for, and used. */
export const expiry = duration({ min: 1000, max: 24 * 3_600_000 });
const pause = duration({ min: 10, max: longestWait });

export const retryShape = object({
  until: optional(plainText, "An expression over the outputs."),
  every: defaulted(pause, 1000, "Pause between two attempts."),
  within: defaulted(pause, 30_000, "When to give up."),
});

export const defaultWithin = 30_000;
export const defaultEvery = 1000;
export const defaultHold = 30_000;

export const verifyShape = object({
  findings: defaulted(json(), "all", "The findings that decide the rung: `all`, or a list of their ids."),
  within: defaulted(pause, defaultWithin, "By when they must begin to hold."),
  every: defaulted(pause, defaultEvery, "Pause between two measurements."),
  hold: defaulted(
    duration({ min: 0, max: longestWait }),
    defaultHold,
    "How long they must hold from there, at every measurement.",
  ),
  stable: optional(
    integer({ min: 1, max: 100 }),
    "As `hold` was written once: `stable: n` is `hold` of n − 1 times `every`.",
  ),
});

const itemTypes = ["string", "integer", "number", "duration"] as const;
export const paramTypes = ["string", "integer", "number", "boolean", "duration", "list", "map"] as const;

export const paramShape = object({
  type: defaulted(
    oneOf(...paramTypes),
    "string",
    "What it holds. A list is given as `--param queues=orders,mail`, or as JSON where an item has a comma: `'[\"a,b\"]'`; a map as JSON: `'{\"orders\": 100}'`.",
  ),
  of: optional(oneOf(...itemTypes), "What the items of a list are; string where it is not written."),
  enum: optional(list(plainText, { min: 1 }), "The only values it may have; of a list, its items."),
  default: optional(json({ typed: true }), "Its value when none is given; without one it must be given."),
  ask: optional(plainText, "The question a person is asked for it."),
  min: optional(number(), "Least value of a number."),
  max: optional(number(), "Greatest value of a number."),
});

const itemShapes = { integer: integer(), number: number(), duration: duration() } as const;

/** The shape of a value given for a parameter. */
export function shapeOfParam(param: NonNullable<(typeof paramShape)["type"]>): Shape {
  const range = {
    ...(param.min === undefined ? {} : { min: param.min }),
    ...(param.max === undefined ? {} : { max: param.max }),
  };
  const word = text({ ...plainText.spec, ...(param.enum === undefined ? {} : { enum: param.enum }) });
  switch (param.type) {
    case "list":
      return list<unknown>(param.of === undefined || param.of === "string" ? word : itemShapes[param.of], {
        min: 1,
      });
    case "map":
      return map(json());
    case "string":
      return word;
    case "integer":
      return integer(range);
    case "number":
      return number(range);
    case "boolean":
      return boolean();
    case "duration":
      return duration();
  }
}
