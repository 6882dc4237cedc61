/**
 * Layers of libraries that projects copy together with CUDA kernels. Nobody can follow the calls of those, so the
 * library's description stands for the class.
 */
interface CopiedLayer {
  readonly name: RegExp;
  /** What only the copy of the library calls; a class of the same name in plain PyTorch is read as it is. */
  readonly calls: RegExp;
  readonly library: string;
}

const COPIED: readonly CopiedLayer[] = [
  { name: /^(ABN|InPlaceABN|InPlaceABNSync)$/, calls: /\binplace_abn(_sync)?\(/, library: "inplace_abn" },
];

/** The path of the library's own class; null for a class that is no such copy. */
export function originalOfCopy(name: string, text: string): string | null {
  const copied = COPIED.find((layer) => layer.name.test(name) && layer.calls.test(text));
  return copied === undefined ? null : `${copied.library}.${name}`;
}
