import type { ModelReading } from "./readModel";

export interface CachedReading {
  readonly reading: ModelReading;
  /** True when the file has changed since and does not parse now, so that this is what it said before. */
  readonly isStale: boolean;
}

/** Keeps the last good reading of a file while the user is in the middle of a line. */
export class ModelReadingCache {
  private readonly lastGood = new Map<string, ModelReading>();

  /** Takes a new reading and gives the one to show: itself, or the last good one while the text does not parse. */
  update(reading: ModelReading): CachedReading {
    const isGood = reading.syntaxErrors.length === 0;
    if (isGood) this.lastGood.set(reading.path, reading);
    const shown = isGood ? reading : (this.lastGood.get(reading.path) ?? reading);
    return { reading: shown, isStale: shown !== reading };
  }

  /** Forgets a file that was closed. */
  forget(path: string): void {
    this.lastGood.delete(path);
  }
}
