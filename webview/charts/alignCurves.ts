/**
 * Curves measured at different steps on one common x, as uPlot needs them: `null` is a hole (nothing finite was
 * measured there), `undefined` means that this curve has no point at that step.
 */
export interface AlignableCurve {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

export type AlignedColumn = (number | null | undefined)[];

export interface AlignOptions {
  /** A logarithmic axis can't show zero or negative values. */
  readonly positiveOnly: boolean;
}

export function alignCurves(
  curves: readonly AlignableCurve[],
  { positiveOnly }: AlignOptions,
): { x: number[]; columns: AlignedColumn[] } {
  const x = commonSteps(curves);
  const columns = curves.map((curve) => {
    const column = new Array<number | null | undefined>(x.length).fill(undefined);
    let at = 0;
    for (let index = 0; index < curve.x.length; index++) {
      const step = curve.x[index] ?? 0;
      while ((x[at] ?? Number.POSITIVE_INFINITY) < step) at++;
      const value = curve.y[index] ?? Number.NaN;
      column[at] = Number.isFinite(value) && (!positiveOnly || value > 0) ? value : null;
    }
    return column;
  });
  return { x, columns };
}

/** Curves of one series share their steps, and then there is nothing to merge. */
function commonSteps(curves: readonly AlignableCurve[]): number[] {
  const distinct = [...new Set(curves.map(({ x }) => x))].filter(
    (x, index, all) => !all.slice(0, index).some((other) => sameSteps(other, x)),
  );
  if (distinct.length === 1 && distinct[0]) return Array.from(distinct[0]);
  const all = new Set<number>();
  for (const x of distinct) for (let index = 0; index < x.length; index++) all.add(x[index] ?? 0);
  return [...all].sort((a, b) => a - b);
}

function sameSteps(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b) && a.buffer === b.buffer && a.byteOffset === b.byteOffset)
    return true;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
