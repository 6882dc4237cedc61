/**
 * Where lines of an older text are in a newer one: the same place when the line is unchanged there, else the only line
 * that reads the same, else nowhere. Nothing is ever drawn on a line that merely has the right number.
 */
export function lineFinder(olderText: string, newerText: string): (line: number) => number | null {
  const older = olderText.split(/\r?\n/);
  const newer = newerText.split(/\r?\n/);
  const places = new Map<string, number[]>();
  newer.forEach((text, index) => places.set(text, [...(places.get(text) ?? []), index + 1]));
  return (line) => {
    const text = older[line - 1];
    if (text === undefined) return null;
    if (newer[line - 1] === text) return line;
    const [only, another] = places.get(text) ?? [];
    return only !== undefined && another === undefined ? only : null;
  };
}
