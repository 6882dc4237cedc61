/**
 * Which files a run is about: its script or model file, and those in which its layers are constructed. A run from
 * another machine names files that are not here; then a file of the same name is meant.
 */
import { existsSync } from "node:fs";
import { fileName } from "../../engine/protocol/numberText";
import { fileOfLayer } from "../../engine/protocol/producers";
import { normLayersOf, type RunRecord } from "../../engine/protocol/records";

export class RunFiles {
  /** Editors ask with every change, so the disk is asked once. */
  private readonly found = new Map<string, boolean>();
  private readonly named = new WeakMap<RunRecord, ReadonlySet<string>>();

  constructor(private readonly exists: (path: string) => boolean = existsSync) {}

  /** Whether a file is the one that a run names: by its path, or by its name if there is nothing at that path. */
  isMeant(named: string | null, path: string): boolean {
    if (named === null || named === path) return named === path;
    return fileName(named) === fileName(path) && !this.isHere(named);
  }

  concern(run: RunRecord, path: string): boolean {
    return [...this.namedBy(run)].some((named) => this.isMeant(named, path));
  }

  isHere(path: string): boolean {
    const known = this.found.get(path);
    if (known !== undefined) return known;
    const isHere = this.exists(path);
    this.found.set(path, isHere);
    return isHere;
  }

  /** The files that a run names: its own first. */
  namedBy(run: RunRecord): ReadonlySet<string> {
    const known = this.named.get(run);
    if (known) return known;
    const layers = normLayersOf(run).map((layer) => fileOfLayer(run, layer));
    const files = new Set([run.source?.path ?? null, ...layers].filter((file) => file !== null));
    this.named.set(run, files);
    return files;
  }
}
