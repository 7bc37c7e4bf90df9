/** A problem as GitHub Actions shows it beside the line. Lines and columns count from 1. */
export interface Annotation {
  readonly level: "error" | "warning";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** The workflow command for one annotation, with its newline. */
export function annotationLine({ level, file, line, column, message }: Annotation): string {
  const place = [`file=${property(file)}`, `line=${line}`, `col=${column}`, "title=lav-ir"].join(",");
  return `::${level} ${place}::${data(message)}\n`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
