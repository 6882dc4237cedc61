/** What a model file is read with, and what is known then. */
import type { ModelGraph, Unknown } from "../protocol/modelGraph";
import type { Shape } from "../protocol/shape";
import type { Problem } from "../protocol/problems";
import type { SourceFile, SyntaxErrorAt } from "../python/parse";
import type { ModuleSource, ReadSettings, ResolveModule } from "../python/resolveModule";
import type { Annotation, AnnotationIssue } from "./annotations/annotation";
import type { ModelCandidate } from "./candidates";
import type { MachineLimits } from "./interpreter/createMachine";

export interface ReadModelInput {
  readonly path: string;
  /** Of a notebook the Python cells, joined (`sourceText.ts`). */
  readonly text: string;
  /** Hash of the file's bytes, for the record; the caller computes it. */
  readonly sha256?: string;
  /** A Python expression that builds the model; the annotation's or the file's own choice when absent. */
  readonly model?: string;
  /** Shapes of the inputs, without the batch, in the order of `forward`. */
  readonly inputs?: readonly Shape[];
  readonly limits?: MachineLimits;
  /** Finds the other files of the workspace that the file imports; without it they are not read. */
  readonly resolveModule?: ResolveModule;
  /** Reads files of settings (YAML, JSON) that the code opens; without it none are read. */
  readonly readSettings?: ReadSettings;
  /** Scripts beside the file that import it: they say what its models are made with where the file does not. */
  readonly callers?: () => readonly ModuleSource[];
  /** The text as it was parsed before, for callers that read several models of one file. */
  readonly parsed?: SourceFile;
}

/** What was read from one model file. */
export interface ModelReading {
  readonly path: string;
  readonly sha256: string;
  /** The text as it was parsed, for callers that need it; null for a text that is not parsed at all. */
  readonly file: SourceFile | null;
  readonly syntaxErrors: readonly SyntaxErrorAt[];
  readonly candidates: readonly ModelCandidate[];
  /** The expression of the model that was read, or null. */
  readonly model: string | null;
  /** The model as written. */
  readonly graph: ModelGraph | null;
  /** True when nothing gives the input's shape and the layers determine it. */
  readonly inputIsInferred: boolean;
  readonly annotations: readonly Annotation[];
  readonly annotationIssues: readonly AnnotationIssue[];
  /** The graph after its annotations. */
  readonly variant: ModelGraph | null;
  /** The data that the `model` annotation names. */
  readonly data: string | null;
  readonly problems: readonly Problem[];
  readonly unknowns: readonly Unknown[];
  /** The other files that were read; the reading depends on their text too. */
  readonly importedFiles: readonly string[];
  /** Arguments that nobody gave and that were assumed; such a model shows structure, and is never trained. */
  readonly assumed: readonly string[];
}
