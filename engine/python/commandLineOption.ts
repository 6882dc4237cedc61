/**
 * A command line option as `argparse.ArgumentParser.add_argument` describes it
 * (docs.python.org/3/library/argparse.html).
 */

export interface OptionDescription {
  /** What the call names it, `-b` and `--batch-size`; only texts that are known. */
  readonly flags: readonly string[];
  readonly dest: string | null;
  readonly action: string | null;
}

/** The attribute that `parse_args` gives it: `dest`, else the first long option's name; null when it has no name. */
export function optionName({ flags, dest }: OptionDescription): string | null {
  if (dest !== null) return dest;
  const chosen = flags.find((flag) => flag.startsWith("--")) ?? flags[0];
  return chosen === undefined ? null : chosen.replace(/^-+/, "").replace(/-/g, "_");
}

/** Whether a value has to be given in its place, without a flag. */
export const isPositionalOption = ({ flags: [first] }: OptionDescription): boolean =>
  first !== undefined && !first.startsWith("-");

/** The value of an option that is not given and has no `default`; null for None. */
export function impliedDefault({ action }: OptionDescription): boolean | null {
  return action === "store_true" ? false : action === "store_false" ? true : null;
}
