/**
 * Where lines of an older text are in a newer one: at the same number if the line is unchanged there, else at the only
 * line with the same text, else nowhere. Nothing is drawn on a line that only has the right number.
 */
export function lineFinder(olderText: string, newerText: string): (line: number) => number | null {
  const older = olderText.split(/\r?\n/);
  const find = textFinder(newerText);
  return (line) => {
    const text = older[line - 1];
    return text === undefined ? null : find(text, line);
  };
}

/** The same for single lines of which the text is known. */
export function textFinder(newerText: string): (text: string, line: number) => number | null {
  const newer = newerText.split(/\r?\n/);
  const places = new Map<string, number[]>();
  newer.forEach((text, index) => places.set(text, [...(places.get(text) ?? []), index + 1]));
  return (text, line) => {
    if (newer[line - 1] === text) return line;
    const [only, another] = places.get(text) ?? [];
    return only !== undefined && another === undefined ? only : null;
  };
}
