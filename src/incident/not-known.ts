/** Whether a person states that something is not known: an answer, and no value. */
export function saysNotKnown(text: string): boolean {
  return /^(?:not known( yet)?|unknown|\?)?$/i.test(text.trim());
}
