/**
 * Python's arithmetic on numbers that are in the text; null for other operators and where there is no finite real
 * result.
 */
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

/** `a % b`: the remainder has the divisor's sign. */
export function pythonModulo(a: number, b: number): number {
  const remainder = a % b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
}

/** `a // b`, as CPython does it: from the exact remainder, because a / b is already rounded. */
export function floorQuotient(a: number, b: number): number {
  const quotient = (a - pythonModulo(a, b)) / b;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}
