/** Descriptions of what a library defines. */
export interface Collection {
  /** The models that the descriptions here build, by the name of the function or class. */
  readonly pattern: RegExp;
  /** No path of a file looks like this. */
  readonly prefix: string;
  readonly texts: readonly string[];
}
