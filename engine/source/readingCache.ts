import { readModelFile, readModelFileIfItParses } from "./readModel";
import type { ModelReading, ReadModelInput } from "./modelReading";

export interface CachedReading {
  readonly reading: ModelReading;
  /** True when the file has changed since and does not parse now, so that this is what it said before. */
  readonly isStale: boolean;
}

/** Keeps the last good reading of a file while the user is in the middle of a line. */
export class ModelReadingCache {
  private readonly lastGood = new Map<string, ModelReading>();

  /**
   * Reads a file again and returns what to show: the new reading, or the last good one while the text can't be parsed.
   */
  read(input: ReadModelInput): CachedReading {
    const last = this.lastGood.get(input.path);
    const reading = last === undefined ? readModelFile(input) : (readModelFileIfItParses(input) ?? last);
    if (reading.syntaxErrors.length === 0) this.lastGood.set(input.path, reading);
    return { reading, isStale: reading === last };
  }

  /** Forgets a file that was closed. */
  forget(path: string): void {
    this.lastGood.delete(path);
  }
}
