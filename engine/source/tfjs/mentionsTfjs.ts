/**
 * Whether a JavaScript text may define TensorFlow.js models: most files do not, and need not be parsed to know. Pure.
 */
export function mentionsTfjs(text: string): boolean {
  return /@tensorflow\/tfjs|\btf\s*\.\s*(?:sequential|model|input|layers)\b/.test(text);
}
