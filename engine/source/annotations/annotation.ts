import type { SourceRange } from "../../protocol/modelGraph";
import type { Shape } from "../../protocol/shape";
import type { Directive } from "../../graph/directive";

/** `# normlens: model ResNet18(num_classes=10) input=3x32x32 data=digits`: which model of the file is meant. */
export interface ModelDirective {
  readonly kind: "model";
  /** The Python expression that builds it. */
  readonly expression: string;
  /** Shapes of the inputs in the order of `forward`; empty when none is given. */
  readonly inputs: readonly Shape[];
  readonly data: string | null;
}

/** One directive of a `# normlens:` comment. */
export interface Annotation {
  readonly directive: Directive | ModelDirective;
  readonly line: number;
  /** The directive's own text. */
  readonly range: SourceRange;
}

/** A comment that means nothing, or does nothing; a diagnostic in the editor. */
export interface AnnotationIssue {
  readonly message: string;
  readonly range: SourceRange;
  /** What the text in `range` was probably meant to be. */
  readonly replacement: string | null;
}

export interface ParsedAnnotations {
  readonly annotations: readonly Annotation[];
  readonly issues: readonly AnnotationIssue[];
}
