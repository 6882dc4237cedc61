/**
 * Code actions for annotations: fix a misspelled word, annotate a layer, write an annotation into the code and back.
 */
import * as vscode from "vscode";
import type { Directive } from "../../engine/graph/directive";
import { isLinearOrConvolution, isNormalization } from "../../engine/graph/layerKinds";
import { editAnnotation, type AnnotationChange } from "../../engine/source/annotations/editAnnotation";
import type { Layer } from "../../engine/protocol/modelGraph";
import { layersOnLine } from "../../engine/graph/applyAnnotations";
import type { DocumentReading } from "./documentReading";
import type { ModelReadings } from "./modelReadings";

const { QuickFix, RefactorRewrite } = vscode.CodeActionKind;

export class AnnotationActions implements vscode.CodeActionProvider {
  static readonly kinds = [QuickFix, RefactorRewrite];

  constructor(private readonly readings: ModelReadings) {}

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const current = await this.readings.settled(document);
    if (!current || current.isStale) return [];
    return [...fixedWords(document, current, range, context), ...onLine(document, current, range.start.line + 1)];
  }
}

function fixedWords(
  document: vscode.TextDocument,
  { reading, rangeHere }: DocumentReading,
  range: vscode.Range,
  { diagnostics }: vscode.CodeActionContext,
): vscode.CodeAction[] {
  return reading.annotationIssues.flatMap((issue) => {
    const at = rangeHere(issue.range);
    if (issue.replacement === null || !at?.intersection(range)) return [];
    const action = new vscode.CodeAction(vscode.l10n.t('Change to "{0}"', issue.replacement), QuickFix);
    action.edit = new vscode.WorkspaceEdit();
    action.edit.replace(document.uri, at, issue.replacement);
    action.diagnostics = diagnostics.filter((diagnostic) => diagnostic.range.isEqual(at));
    action.isPreferred = true;
    return [action];
  });
}

function onLine(
  document: vscode.TextDocument,
  { reading, lineRead }: DocumentReading,
  line: number,
): vscode.CodeAction[] {
  const { graph } = reading;
  const layers = graph === null ? [] : layersOnLine(graph, lineRead(line)).filter(({ functional }) => !functional);
  if (layers.length === 0) return [];
  const directives = reading.annotations
    .filter((annotation) => annotation.line === lineRead(line))
    .map(({ directive }) => directive);
  if (directives.length > 0)
    return onAnnotated(
      document,
      line,
      directives.some(({ kind }) => kind === "add"),
    );
  const norms = layers.filter(({ op }) => op.kind === "batchNorm");
  const turn =
    norms.length > 0 && layers.length === norms.length
      ? [command(vscode.l10n.t("Turn this BN layer into an annotation"), "normlens.turnIntoAnnotation", document, line)]
      : [];
  return [
    ...turn,
    ...choices(layers).map(({ title, directive }) => annotated(document, line, title, { kind: "set", directive })),
  ];
}

function onAnnotated(document: vscode.TextDocument, line: number, isAdded: boolean): vscode.CodeAction[] {
  const withoutBias = isAdded
    ? [
        command(
          vscode.l10n.t("Write the annotation into the code and set bias=False"),
          "normlens.writeIntoSourceWithoutBias",
          document,
          line,
        ),
      ]
    : [];
  return [
    command(vscode.l10n.t("Write the annotation into the code"), "normlens.writeIntoSource", document, line),
    ...withoutBias,
    annotated(document, line, vscode.l10n.t("Clear the annotation"), { kind: "remove" }),
  ];
}

interface Choice {
  readonly title: string;
  readonly directive: Directive;
}

function choices(layers: readonly Layer[]): Choice[] {
  if (layers.every(isNormalization)) return normChoices(layers);
  if (!layers.every(({ op }) => isLinearOrConvolution(op))) return [];
  return [
    {
      title: vscode.l10n.t("Annotate: add BN after this layer"),
      directive: { kind: "add", position: "after-layer" },
    },
    {
      title: vscode.l10n.t("Annotate: add BN after the activation of this layer"),
      directive: { kind: "add", position: "after-activation" },
    },
  ];
}

function normChoices(layers: readonly Layer[]): Choice[] {
  const isBatch = layers.every(({ op }) => op.kind === "batchNorm");
  const channels = layers.map(({ op }) => (op.kind === "batchNorm" ? op.numFeatures : 0));
  const groups = [32, 16, 8, 4, 2].find((count) => channels.every((size) => size % count === 0 && size > count));
  const removal: Choice = {
    title: vscode.l10n.t("Annotate: remove this normalization layer"),
    directive: { kind: "remove" },
  };
  if (!isBatch)
    return [
      removal,
      {
        title: vscode.l10n.t("Annotate: use batch normalization"),
        directive: { kind: "use", norm: { name: "batch" } },
      },
    ];
  const grouped: Choice[] =
    groups === undefined
      ? []
      : [
          {
            title: vscode.l10n.t("Annotate: use group normalization ({0} groups)", groups),
            directive: { kind: "use", norm: { name: "group", groups } },
          },
        ];
  return [
    removal,
    ...grouped,
    { title: vscode.l10n.t("Annotate: use layer normalization"), directive: { kind: "use", norm: { name: "layer" } } },
    { title: vscode.l10n.t("Annotate: this layer must stay frozen"), directive: { kind: "frozen" } },
  ];
}

function annotated(
  document: vscode.TextDocument,
  line: number,
  title: string,
  change: AnnotationChange,
): vscode.CodeAction {
  const { range, text } = document.lineAt(line - 1);
  const action = new vscode.CodeAction(title, RefactorRewrite);
  action.edit = new vscode.WorkspaceEdit();
  action.edit.replace(document.uri, range, editAnnotation(text, change));
  return action;
}

/** Writing into the code reads the file again to verify the result, so it is done only when the action is chosen. */
function command(title: string, id: string, document: vscode.TextDocument, line: number): vscode.CodeAction {
  const action = new vscode.CodeAction(title, RefactorRewrite);
  action.command = { command: id, title, arguments: [document.uri, line] };
  return action;
}
