import type { ClockReading, ClockState } from "../clocks.ts";
import { verdictOf, whyUnknown, type Figure, type FigureName } from "../figures.ts";
import { outcomeOf } from "../people.ts";
import { figureFill } from "./gaps.ts";
import { instantText, type ReviewModel } from "./model.ts";
import { plain, refs, refText, spanText, table } from "./words.ts";

type Lines = readonly string[];

const figureTitles: Readonly<Record<FigureName, string>> = {
  response: "Response (declared to answered)",
  mttr: "Repair (MTTR: started to recovered or mitigated)",
  rto: "Recovery (RTO: started to recovered)",
  rpo: "Data at risk (RPO: recovery point to start)",
  stakeholders: "Stakeholders told",
};

/** Figures against objectives, and each clock against its limit. */
export function responseLines(model: ReviewModel): Lines {
  const figures = Object.entries(model.figures).map(([name, figure]) => [
    figureTitles[name as FigureName],
    figureText(model, figure),
    figure.limit === undefined ? "none" : spanText(figure.limit),
    verdictText(figure),
    figure.is === "known" ? refs(figure.refs) : refs(figure.reversed ?? []),
  ]);
  const clocks = model.status.clocks.map((clock) => {
    const { text, ref } = clockText(clock);
    return [`${plain(clock.name)}, ${clock.severity}`, text, refs([ref])];
  });
  return [
    ...table(["Figure", "Took", "Limit", "Verdict", "Record"], figures),
    "",
    ...(clocks.length === 0 ? ["No clock applied."] : table(["Clock", "Verdict", "Record"], clocks)),
  ];
}

export function boundText({ bound }: Extract<Figure, { is: "known" }>): string {
  return bound === undefined ? "" : `${bound} `;
}

function figureText(model: ReviewModel, figure: Figure): string {
  if (figure.is === "known") return `${boundText(figure)}${spanText(figure.ms)}`;
  const fill = figureFill(model, figure);
  return `NOT KNOWN: ${plain(whyUnknown(figure))}${fill === undefined ? "" : `: ${fill}`}`;
}

function verdictText(figure: Figure): string {
  if (figure.is !== "known" || figure.limit === undefined) return "";
  switch (verdictOf(figure)) {
    case "met":
      return "met";
    case "missed":
      return `MISSED by ${spanText(figure.ms - figure.limit)}`;
    case undefined:
      return "not known";
  }
}

function clockText({ state, repeated, from }: ClockReading): {
  readonly text: string;
  readonly ref?: string | undefined;
} {
  const times = repeated === undefined ? "" : `, ${repeated.missed} missed`;
  const limit = limitText(state, from, repeated?.every);
  switch (state.is) {
    case "off":
      return { text: `off: ${plain(state.why)}` };
    case "running":
      return { text: `running${limit}${times}` };
    case "met":
      return { text: `met in ${spanText(state.took)}${times}`, ref: state.by };
    case "missed":
      return { text: `MISSED by ${spanText(state.by)}${limit}${times}`, ref: state.event };
    case "ended":
      return { text: `ended before it was due${times}` };
  }
}

function limitText(state: ClockState, from: number | undefined, every: number | undefined): string {
  if (every !== undefined) return ` of ${spanText(every)}`;
  return "due" in state && from !== undefined ? ` of ${spanText(state.due - from)}` : "";
}

/** Who was asked and who answered, and what became of each message. */
export function messageLines(model: ReviewModel): Lines {
  const { status, fold } = model;
  const answers = fold.answers.map(({ data, at, by }) => [
    plain(data.person),
    instantText(model, at),
    `${data.by}${data.told_by === undefined ? "" : `, told by ${plain(data.told_by)}`}${data.text === undefined ? "" : `: ${plain(data.text)}`}`,
    refText(by.ref),
  ]);
  const messages = [...fold.messages.values()].map((message) => {
    const { kind, channel, person } = message.queued.data;
    const whom = `${channel}${person === undefined ? "" : ` for ${person}`}`;
    const last = message.accepted?.by.ref;
    return [
      `#${message.number} ${kind}`,
      plain(whom),
      outcomeOf(message),
      refs([message.queued.by.ref, last]),
    ];
  });
  const silent = status.silent.map(({ who }) => plain(who));
  return [
    ...(answers.length === 0
      ? ["No answer is on record."]
      : table(["Who answered", "When", "How", "Record"], answers)),
    ...(silent.length === 0 ? [] : ["", `Paged at the last severity, no answer: ${silent.join(", ")}.`]),
    "",
    ...(messages.length === 0
      ? ["No message was queued."]
      : table(["Message", "To", "Outcome", "Record"], messages)),
  ];
}
