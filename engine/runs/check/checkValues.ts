/** Checks the numbers of a table: variances are not negative, quantiles grow, shares lie between 0 and 1. */
import { quantileNames } from "../../protocol/numbers";
import type { FrameValues } from "../numbers/numbersFormat";
import type { NumbersReader } from "../numbers/numbersReader";
import type { NumbersTable } from "../numbers/tableIndex";
import type { FaultCode, Remarks } from "./faults";
import { isDisordered } from "./quantiles";

interface Check {
  readonly code: FaultCode;
  /** The columns it looks at, by place. */
  readonly places: readonly number[];
  readonly column: string;
  readonly isWrong: (values: readonly number[]) => boolean;
  readonly words: string;
}

/** Says of each kind of fault and column where it was found first and how often. */
export function checkValues(reader: NumbersReader, table: NumbersTable, file: string, remarks: Remarks): void {
  const checks = checksOf(table.declaration.columns);
  if (checks.length === 0) return;
  const { layers, columns, values: width, name } = table.declaration;
  const found = new Map<Check, { count: number; sentence: string }>();
  reader.read(table, 0, table.count, (frame, values) => {
    for (let layer = 0; layer < Math.max(1, layers.length); layer++)
      for (const check of checks) {
        const count = wrongValues(check, values, layer * columns.length, width);
        if (count === 0) continue;
        const first = found.get(check);
        if (first) first.count += count;
        else {
          const of = layers[layer] === undefined ? "" : ` of ${layers[layer]}`;
          found.set(check, {
            count,
            sentence: `${name}, step ${table.steps[frame]}: ${check.column}${of} ${check.words}`,
          });
        }
      }
  });
  for (const [{ code }, { count, sentence }] of found)
    remarks.fault(code, file, {}, count === 1 ? sentence : `${sentence}; ${count} times in total`);
}

function wrongValues({ places, isWrong }: Check, values: FrameValues, row: number, width: number): number {
  let count = 0;
  for (let channel = 0; channel < width; channel++)
    if (isWrong(places.map((place) => values[(row + place) * width + channel] ?? Number.NaN))) count += 1;
  return count;
}

function checksOf(columns: readonly string[]): Check[] {
  const checks: Check[] = columns.flatMap((column, place): Check[] => {
    if (/^(batch|running)_variance(\.|$)/.test(column))
      return [
        {
          code: "negative-variance",
          places: [place],
          column,
          isWrong: ([value = 0]) => value < 0,
          words: "is negative",
        },
      ];
    if (column === "dead_share" || column === "saturated_share")
      return [{ code: "not-a-share", places: [place], column, isWrong: isNoShare, words: "is not between 0 and 1" }];
    return [];
  });
  const quantities = new Set(columns.filter((column) => column.endsWith(".min")).map((column) => column.slice(0, -4)));
  for (const quantity of quantities) {
    const places = quantileNames.map((name) => columns.indexOf(`${quantity}.${name}`)).filter((place) => place >= 0);
    checks.push({
      code: "quantiles-disordered",
      places,
      column: quantity,
      isWrong: isDisordered,
      words: "has quantiles that are not in ascending order",
    });
  }
  return checks;
}

const isNoShare = ([value = 0]: readonly number[]): boolean => value < 0 || value > 1;
