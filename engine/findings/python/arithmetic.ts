import { floorQuotient, pythonModulo } from "../../source/interpreter/operators";

/** Python's arithmetic on numbers that stand in the text; null for other operators and where there is no finite real result. */
export function arithmetic(operator: string, left: number, right: number): number | null {
  const result = OPERATIONS[operator]?.(left, right);
  return result !== undefined && Number.isFinite(result) ? result : null;
}

const OPERATIONS: Partial<Record<string, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "//": floorQuotient,
  "%": pythonModulo,
  "**": (left, right) => left ** right,
};
