import type { Terminal } from "@xterm/headless";

const cell = { width: 8.4, height: 19 };
const margin = 14;
const palette = ["#3b4252", "#e06c75", "#8fc46b", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9"];
const plain = "#d8dee9";

/** The terminal's screen as an SVG: text stays text, colours as the terminal has them. */
export function svgOf(terminal: Terminal, rows: number): string {
  const width = Math.ceil(terminal.cols * cell.width + 2 * margin);
  const lines: string[] = [];
  let last = 0;
  for (let row = 0; row < rows; row++) {
    const line = lineOf(terminal, row);
    if (line !== "") last = row;
    const y = margin + (row + 0.75) * cell.height;
    if (line !== "") lines.push(`  <text x="${margin}" y="${y}" xml:space="preserve">${line}</text>`);
  }
  const height = Math.ceil((last + 1) * cell.height + 2 * margin);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`,
    `  <rect width="100%" height="100%" rx="8" fill="#21252b"/>`,
    ...lines,
    "</svg>",
    "",
  ].join("\n");
}

/** Runs of cells that look alike, as one tspan each, placed by column so that no font can shift them. */
function lineOf(terminal: Terminal, row: number): string {
  const line = terminal.buffer.active.getLine(terminal.buffer.active.baseY + row);
  if (line === undefined) return "";
  const runs: { text: string; style: string; column: number }[] = [];
  for (let column = 0; column < terminal.cols; column++) {
    const at = line.getCell(column);
    if (at === undefined) break;
    const colour = at.isFgPalette() ? (palette[at.getFgColor() % 8] ?? plain) : plain;
    const style = [
      `fill="${colour}"`,
      at.isBold() !== 0 ? ' font-weight="bold"' : "",
      at.isDim() !== 0 ? ' opacity="0.6"' : "",
    ].join("");
    const text = at.getChars() === "" ? " " : at.getChars();
    const before = runs.at(-1);
    if (before !== undefined && before.style === style) before.text += text;
    else runs.push({ text, style, column });
  }
  if (runs.every(({ text }) => text.trim() === "")) return "";
  return runs
    .filter(({ text }) => text.trim() !== "")
    .map(({ text, style, column }) => {
      const lead = text.length - text.trimStart().length;
      const x = (margin + (column + lead) * cell.width).toFixed(1);
      return `<tspan x="${x}" ${style}>${escape(text.trim())}</tspan>`;
    })
    .join("");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
