/** Where an axis has its ticks. Pure: range and room in, values out. */

/** Round values inside [from, to], about `most` of them at most. */
export function linearTicks(from: number, to: number, most: number): number[] {
  const span = to - from;
  if (!(span > 0) || most < 1) return [];
  const magnitude = 10 ** Math.floor(Math.log10(span / most));
  const step = magnitude * ([1, 2, 5, 10].find((factor) => span / (magnitude * factor) <= most) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  // Multiplication, because repeated addition would turn 0.3 into 0.30000000000000004.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** Powers of ten inside [from, to], at most `most`; if there are few decades, 3 or 2 and 5 are added. */
export function logTicks(from: number, to: number, most: number): number[] {
  if (!(from > 0) || !(to > from)) return [];
  const candidates = [[1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]].map((digits) => decadeTicks(from, to, digits));
  const enough = candidates.find((ticks) => ticks.length <= most);
  if (enough && enough.length >= 2) return enough;
  const decades = candidates.at(-1) ?? [];
  if (decades.length > most) return decades.filter((_, index) => index % Math.ceil(decades.length / most) === 0);
  const densest = candidates.find((ticks) => ticks.length >= 2 && ticks.length <= most + 2);
  return densest ?? linearTicks(from, to, Math.max(2, Math.min(3, most)));
}

function decadeTicks(from: number, to: number, digits: readonly number[]): number[] {
  const first = Math.floor(Math.log10(from));
  const last = Math.ceil(Math.log10(to));
  const ticks: number[] = [];
  for (let decade = first; decade <= last; decade++) {
    for (const digit of digits) {
      const value = Number(`${digit}e${decade}`);
      if (value >= from * (1 - 1e-9) && value <= to * (1 + 1e-9)) ticks.push(value);
    }
  }
  return ticks;
}
