import type { SourceFile } from "../../python/parse";

/** Unit and smoke tests: their networks are never used, so neither modes nor momentum matter. */
export function isUnitTest({ path, text }: SourceFile): boolean {
  const name = path.split(/[\\/]/).at(-1) ?? "";
  const isTestFile = /^test_.*\.py$|_test\.py$/.test(name) || /(^|[\\/])tests?[\\/]/.test(path);
  return isTestFile && /^\s*(import|from) (pytest|unittest)\b|^def test_\w+\(\):/m.test(text);
}
