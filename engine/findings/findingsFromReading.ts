/** All findings about the source of one model or script. Pure: the same texts and reading give the same findings. */
import type { SourceFile } from "../python/parse";
import { isJavaScript } from "../source/tfjs/parseJavaScript";
import type { ModelReading } from "../source/modelReading";
import { contextOf, type FindingContext } from "./context";
import { axisMismatch } from "./rules/axisMismatch";
import { biasBeforeNorm } from "./rules/biasBeforeNorm";
import { contractBroken } from "./rules/contractBroken";
import { dropoutBeforeNorm } from "./rules/dropoutBeforeNorm";
import { epsLooksLikeMomentum } from "./rules/epsLooksLikeMomentum";
import { kerasBatchStatistics } from "./rules/kerasBatchStatistics";
import { kerasDeadBranch } from "./rules/kerasDeadBranch";
import { kerasFrozenNorm } from "./rules/kerasFrozenNorm";
import { kerasLowPrecision } from "./rules/kerasLowPrecision";
import { kerasUncompiled } from "./rules/kerasUncompiled";
import { kerasUnfrozenLater } from "./rules/kerasUnfrozenLater";
import { kerasUnusedNorm } from "./rules/kerasUnusedNorm";
import { momentumInverted } from "./rules/momentumInverted";
import { noTrackRunningStats } from "./rules/noTrackRunningStats";
import { functionalNorm } from "./rules/functionalNorm";
import { normNotRegistered } from "./rules/normNotRegistered";
import { normOverTime } from "./rules/normOverTime";
import { paddingInStatistics } from "./rules/paddingInStatistics";
import { thrownAwayNorm } from "./rules/thrownAwayNorm";
import { zeroGamma } from "./rules/zeroGamma";
import { normOnOutput } from "./rules/normOnOutput";
import { normShared } from "./rules/normShared";
import { normUnused } from "./rules/normUnused";
import { singleValuePerChannel } from "./rules/singleValuePerChannel";
import { scriptFindings } from "./script/scriptFindings";
import type { FindingOptions, SourceFinding } from "./sourceFinding";
import { isSuppressed, suppressions } from "./suppression";

const checks: Readonly<Record<string, (context: FindingContext) => SourceFinding[]>> = {
  "eps-looks-like-momentum": epsLooksLikeMomentum,
  "momentum-inverted": momentumInverted,
  "bias-before-norm": biasBeforeNorm,
  "dropout-before-norm": dropoutBeforeNorm,
  "norm-unused": normUnused,
  "norm-shared": normShared,
  "norm-on-output": normOnOutput,
  "no-track-running-stats": noTrackRunningStats,
  "single-value-per-channel": singleValuePerChannel,
  "contract-broken": contractBroken,
  "axis-mismatch": axisMismatch,
  "keras-frozen-bn": kerasFrozenNorm,
  "norm-not-registered": normNotRegistered,
  "gamma-starts-at-zero": zeroGamma,
  "padding-in-statistics": paddingInStatistics,
  "functional norm": functionalNorm,
  "norm over time": normOverTime,
  "norm thrown away": thrownAwayNorm,
  "trainable without compile": kerasUncompiled,
  "low precision in Keras": kerasLowPrecision,
  "unfrozen in another function": kerasUnfrozenLater,
  "batch statistics in Keras": kerasBatchStatistics,
  "norm unused in Keras": kerasUnusedNorm,
  "branch unused in Keras": kerasDeadBranch,
};

/**
 * Findings about the model as written (`reading.graph`) and about the script in the same file, in the order of the
 * file. A file that did not parse has none: half a tree proves nothing.
 */
export function findingsFromReading(reading: ModelReading, options: FindingOptions = {}): SourceFinding[] {
  const { file } = reading;
  // The rules read Python, and their fixes write it.
  if (file === null || reading.syntaxErrors.length > 0 || isJavaScript(reading.path)) return [];
  const found = [...modelFindings(reading, file), ...scriptFindings(file, options.resolveModule ?? null)];
  return asAsked(found, file, options);
}

/** What the rules about models find, whether or not anybody wants to know. */
export function modelFindings(reading: ModelReading, file: SourceFile): SourceFinding[] {
  const context = contextOf(reading, file);
  return Object.values(checks).flatMap((check) => check(context));
}

/** Without what a comment or a setting silences, with the severities that are set, in the order of the file. */
export function asAsked(found: readonly SourceFinding[], file: SourceFile, options: FindingOptions): SourceFinding[] {
  const ignored = suppressions(file);
  return found
    .filter((finding) => !isSuppressed(finding, ignored))
    .flatMap((finding) => withSeverity(finding, options))
    .sort(inFileOrder);
}

function withSeverity(finding: SourceFinding, { severities = {} }: FindingOptions): SourceFinding[] {
  const override = Object.hasOwn(severities, finding.rule) ? severities[finding.rule] : undefined;
  if (override === "off") return [];
  return override === undefined ? [finding] : [{ ...finding, severity: override }];
}

function inFileOrder(a: SourceFinding, b: SourceFinding): number {
  return (
    a.range.startLine - b.range.startLine || a.range.startColumn - b.range.startColumn || a.rule.localeCompare(b.rule)
  );
}
