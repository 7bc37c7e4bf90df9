import { writeDuration } from "../base/duration.ts";
import { Html, html } from "../evidence/report/html.ts";
import { style } from "../evidence/report/style.ts";
import { figureNames, verdictOf, whyUnknown, type Figure } from "../incident/figures.ts";
import { figureFill, gapsOf, outOfOrder } from "../incident/review/gaps.ts";
import { instantText, type ReviewModel } from "../incident/review/model.ts";
import { utcText } from "../incident/review/words.ts";
import { wallText } from "../incident/typed-time.ts";
import { sourceOf } from "../incident/review/source.ts";
import { answerBars, clockBars, findingStrips } from "./review-charts.ts";

/** What people wrote in the review, by heading. */
export type Written = readonly { readonly heading: string; readonly text: string }[];

const own = `
.bars{display:grid;grid-template-columns:max-content 1fr max-content;gap:.3rem .8rem;align-items:center;font-size:.9rem}
.bars svg{max-width:none;height:1.1rem;border-radius:3px;margin:0}
svg .bad{fill:var(--bad)}svg .good{fill:var(--good)}svg .warn{fill:var(--warn)}svg .limit{fill:var(--ink)}
h3{font-size:1rem;margin:1rem 0 .2rem}
.prose{white-space:pre-wrap;margin:.3rem 0}
input[name=by]{margin:0 .2rem 0 .8rem}
th{overflow-wrap:normal}@media(min-width:40.01rem){td[data-of=limit],td[data-of=verdict]{white-space:nowrap}}
#by-typed:checked~.wide tr:not(.typed):not(.head),#by-measured:checked~.wide tr.typed{display:none}
@media(max-width:40rem){.bars{grid-template-columns:1fr}}
@media print{input[name=by],input[name=by]+label{display:none}details{display:block}details>*{display:block}}
`;

/** The review as one page that needs nothing else: what was wrong and what is so now first, the raw rows last. */
export function reviewPage(model: ReviewModel, written: Written): string {
  const { status } = model;
  const title = `Review of ${status.number}`;
  return `<!doctype html>\n${
    html`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${new Html(`<style>${style}${own}</style>`)}
      </head>
      <body>
        ${head(model)} ${unknowns(model)}
        <h2>Figures</h2>
        ${figures(model)}
        <h2>Clocks against their limits</h2>
        ${clockBars(model)}
        <h2>Answers</h2>
        ${answerBars(model)} ${findings(model)}
        <h2>What people wrote</h2>
        ${written.length === 0 ? html`<p class="soft">Nothing yet.</p>` : written.map(section)}
        ${actions(model)} ${timeline(model)}
      </body>
    </html>`.text
  }\n`;
}

function head(model: ReviewModel): Html {
  const { status, figures: all, events } = model;
  const missed = status.clocks.filter(({ state }) => state.is === "missed").length;
  const started = events.get("started");
  return html`<h1>${status.number}: ${status.impact ?? "no impact on record"}</h1>
    <p>
      <span class="verdict ${status.state === "open" ? "bad" : "good"}">${status.state}</span>
      ${status.severity ?? "no severity"}${status.drill ? ", an exercise" : ""};
      ${status.trading.is === "not halted" ? "" : `trading ${status.trading.is}, as far as is on record;`}
      <span class="${missed === 0 ? "good" : "bad"}"
        >${missed} ${missed === 1 ? "limit" : "limits"} missed</span
      >
    </p>
    <dl>
      <dt>Since</dt>
      <dd>
        ${started === undefined ? "not known" : `${instantText(model, started.at)}${started.atLatest === true ? ", at the latest" : ""}`}
      </dd>
      <dt>Took</dt>
      <dd>${figureText(all.mttr)}</dd>
      <dt>Affected</dt>
      <dd>${status.affects.join(", ") || "not on record"}</dd>
      <dt>Commander</dt>
      <dd>${status.roles[0]?.holders.map(({ who }) => who).join(" and ") || "not on record"}</dd>
    </dl>`;
}

function unknowns(model: ReviewModel): Html {
  const lines = [
    ...gapsOf(model).map(
      ({ what, fill }) => html`<li>${what}: <code>${fill.replaceAll("`", "")}</code></li>`,
    ),
    ...outOfOrder(model).map(
      ({ first, second, refs }) =>
        html`<li class="bad">out of order: ${second} (${refs[1]}) lies before ${first} (${refs[0]})</li>`,
    ),
    ...(model.problem === undefined
      ? []
      : [html`<li class="bad">the journal is damaged: ${model.problem}</li>`]),
  ];
  if (lines.length === 0) return html``;
  return html`<h2>Not known</h2>
    <ul class="warn">
      ${lines}
    </ul>`;
}

const titles = { response: "Response", mttr: "MTTR", rto: "RTO", rpo: "RPO", stakeholders: "Stakeholders" };

function figures(model: ReviewModel): Html {
  const rows = figureNames.map((name) => {
    const figure = model.figures[name];
    const verdict = verdictOf(figure);
    const fill = figureFill(model, figure)?.replaceAll("`", "");
    return html`<tr>
      <td class="short">${titles[name]}</td>
      <td class="${verdict === "missed" ? "bad" : ""}" data-of="took">
        ${figureText(figure)}${fill === undefined ? "" : html`: <code>${fill}</code>`}
      </td>
      <td data-of="limit">${figure.limit === undefined ? "none" : spanText(figure.limit)}</td>
      <td data-of="verdict">${verdict ?? "not known"}</td>
    </tr>`;
  });
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th>Figure</th>
          <th>Took</th>
          <th>Limit</th>
          <th>Verdict</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function figureText(figure: Figure): string {
  if (figure.is === "unknown") return `not known: ${whyUnknown(figure)}`;
  return `${figure.bound === undefined ? "" : `${figure.bound} `}${spanText(figure.ms)}`;
}

function findings(model: ReviewModel): Html {
  const strips = findingStrips(model.fold);
  return strips.length === 0
    ? html``
    : html`<h2>Findings over time</h2>
        ${strips}`;
}

function section({ heading, text }: Written[number]): Html {
  return html`<h3>${heading}</h3>
    <p class="prose">${text}</p>`;
}

function actions({ actions: all }: ReviewModel): Html {
  const rows = all.map(
    ({ id, text, owner, due, done, ref }) =>
      html`<tr>
        <td class="short">${id}</td>
        <td>${text}</td>
        <td class="short ${owner === undefined ? "bad" : ""}">${owner ?? "nobody"}</td>
        <td class="short ${due === undefined ? "bad" : ""}">${due ?? "no date"}</td>
        <td class="short">${done ? "done" : "open"}</td>
        <td class="short soft">${ref}</td>
      </tr>`,
  );
  if (rows.length === 0)
    return html`<h2>Actions</h2>
      <p class="bad">None is on record.</p>`;
  return html`<h2>Actions</h2>
    <div class="wide">
      <table>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
}

/** Every row with its record; what people typed and what was measured can be looked at apart. */
function timeline(model: ReviewModel): Html {
  const days = model.timeline.map(({ at }) => utcText(at).slice(0, 10));
  const rows = model.timeline.map((row, index) => {
    const placed = model.records.get(row.ref);
    const source = placed === undefined ? "measured" : sourceOf(placed);
    const day = days[index] === days[index - 1] ? "" : dayRow(model, days[index] ?? "");
    return html`${day}
      <tr class="${source}">
        <td class="short">${clockText(model, row.at)}</td>
        <td>
          ${row.text}${row.before === undefined ? "" : html` <s>${utcText(Date.parse(row.before))}</s>`}
        </td>
        <td class="short soft">${source}, ${row.by}</td>
        <td class="short soft">${row.ref}</td>
      </tr>`;
  });
  return html`<h2>Timeline</h2>
    <input type="radio" name="by" id="by-all" checked /><label for="by-all">all</label>
    <input type="radio" name="by" id="by-typed" /><label for="by-typed">typed</label>
    <input type="radio" name="by" id="by-measured" /><label for="by-measured">measured</label>
    <div class="wide">
      <table>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
}

/** Once a day the date and the zone: a row has room for what happened. */
function dayRow({ status: { zone } }: ReviewModel, day: string): Html {
  const also = zone === "UTC" ? "" : `, and in ${zone} where that differs`;
  return html`<tr class="head">
    <th colspan="4">${day}, times in UTC${also}</th>
  </tr>`;
}

function clockText({ status: { zone } }: ReviewModel, at: number): string {
  const [utc, local] = [utcText(at), wallText(at, zone)];
  const clock = utc.slice(11);
  return local === utc ? clock : `${clock} (${local.slice(11)})`;
}

function spanText(ms: number): string {
  return writeDuration(Math.round(ms / 1000) * 1000);
}
