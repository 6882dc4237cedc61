/** What an import statement asks for: `from ..blocks import Block` in `a/b/c.py` is `blocks` at level 2. */
export interface ModuleRequest {
  /** The file with the import statement. */
  readonly fromPath: string;
  /** Without its leading dots; empty in `from . import x`. */
  readonly module: string;
  /** The number of leading dots; 0 for an absolute import. */
  readonly level: number;
  /** What the file adds to `sys.path` (`addedFolders.ts`). */
  readonly addedFolders?: readonly string[];
  /** Modules that the file imports to add folders for it (`import _init_paths`). */
  readonly pathModules?: readonly string[];
}

export interface ModuleSource {
  /** In the same form as the path of the model file itself. */
  readonly path: string;
  readonly text: string;
}

/**
 * Finds a module in the user's workspace: its file, or a package's `__init__.py`; null when there is none, or when it
 * is not certain which one Python would take. Reading files, and where to stop, is the caller's business.
 */
export type ResolveModule = (request: ModuleRequest) => ModuleSource | null;

/** Reads a file of settings (YAML, JSON) of the project that a file opens by this path; null when there is none. */
export type ReadSettings = (path: string, fromPath: string) => ModuleSource | null;
