/** The modules and settings of one project for an editor: found among known files, and looked for on the disk aside. */
import type { ModuleSource, ReadSettings, ResolveModule } from "../python/resolveModule";
import type { KnownFiles } from "./knownFiles";
import { createModuleResolver, isInside } from "./moduleResolver";
import { settingsReader } from "./settingsFiles";

/** A module is found in a few looks at the disk (its folder, its file, its text); more would be a mistake of ours. */
const MOST_LOOKS = 16;

export class ProjectModules {
  private readonly resolveKnown: ResolveModule;
  private readonly readKnownSettings: ReadSettings;
  private waiting: (() => ModuleSource | null)[] = [];

  constructor(
    private readonly root: string,
    private readonly files: KnownFiles,
  ) {
    this.resolveKnown = createModuleResolver(root, files);
    this.readKnownSettings = settingsReader(root, files);
  }

  /** A module that is not known yet counts as none that the workspace has, and is looked for by `load`. */
  readonly resolve: ResolveModule = (request) => this.ask(() => this.resolveKnown(request));

  /** A file of settings, likewise. */
  readonly readSettings: ReadSettings = (path, fromPath) => this.ask(() => this.readKnownSettings(path, fromPath));

  /** Whether a file may be one of these modules. */
  covers(path: string): boolean {
    return isInside(path, this.root);
  }

  /** Whether anything was answered without looking at the disk: whoever asked has to ask again after `load`. */
  get isWaiting(): boolean {
    return this.waiting.length > 0;
  }

  /** Looks at the disk until all that was asked for is known. */
  async load(): Promise<void> {
    for (let looks = 0; this.isWaiting && looks < MOST_LOOKS; looks++) {
      await this.files.load();
      this.waiting = this.waiting.filter((question) => !this.look(question).isAnswered);
    }
    this.waiting = [];
  }

  private ask(question: () => ModuleSource | null): ModuleSource | null {
    const { source, isAnswered } = this.look(question);
    if (!isAnswered) this.waiting.push(question);
    return source;
  }

  private look(question: () => ModuleSource | null): {
    readonly source: ModuleSource | null;
    readonly isAnswered: boolean;
  } {
    const before = this.files.unanswered;
    const source = question();
    return { source, isAnswered: this.files.unanswered === before };
  }
}
