/**
 * A step of a URL's path that leads to another path than the one that is read: `.` or `..`, also where it is written
 * with escapes or between backslashes. Some servers read an escaped slash as a slash.
 * @param url a whole address, or a part of a path
 * @returns undefined where there is none
 */
export function stepElsewhere(url: string): string | undefined {
  const [path = ""] = url.replace(/^[a-z][a-z\d+.-]*:[\\/]{2}[^\\/?#]*/i, "").split(/[?#]/, 1);
  return (
    path
      // What a URL is made of here is made without them.
      .replaceAll(/[\t\n\r]/g, "")
      .replaceAll(/%2e/gi, ".")
      .split(/[\\/]|%2f|%5c/i)
      .find((step) => step === "." || step === "..")
  );
}
