import { formatDuration } from "../../base/duration.ts";
import { html, type Html } from "./html.ts";

/** Rows of a table that a reader scrolls through; the rest stands in the bag's files. */
export const most = 500;

/** @param columns those of numbers begin with a # */
export function table(columns: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${columns.map((name) => html`<th scope="col" class="${name.startsWith("#") ? "number" : ""}">${name.replace(/^#/, "")}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

export function more(count: number): Html {
  return count > most ? html`<p class="soft">and ${count - most} more, in the bag's own files</p>` : html``;
}

/** A part that is opened by whoever wants it; on paper it is open. */
export function folded(title: string, content: Html | readonly Html[]): Html {
  return html`<details>
    <summary>${title}</summary>
    ${content}
  </details>`;
}

export function utc(time: string): string {
  return `${time.slice(0, 19).replace("T", " ")} UTC`;
}

export function signed(ms: number): string {
  return ms > 0 ? `+${formatDuration(ms)}` : formatDuration(ms);
}

/** A name that a service gave may be long, and must not push the text off the page. */
export function label(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}…` : name;
}
