import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import type { FindingOptions, SourceFinding, TextEdit } from "../../../engine/findings/sourceFinding";
import { OFFSET } from "../source/helpers";
import { python } from "../support/python";

export { net } from "../source/helpers";

export const IMPORTS = python`
  import torch
  import torch.nn as nn
  import torch.nn.functional as F
`;

export function findings(text: string, options: FindingOptions = {}): readonly SourceFinding[] {
  return lintSource("model.py", IMPORTS + text, options).findings;
}

/** `rule line` for every finding; lines count in the test's own text. */
export function rulesAt(text: string, options: FindingOptions = {}): string[] {
  return findings(text, options).map(({ rule, range }) => `${rule} ${range.startLine - OFFSET}`);
}

/** The findings of one rule; the others are another test's business. */
export function of(rule: string, text: string): SourceFinding[] {
  return findings(text).filter((finding) => finding.rule === rule);
}

export function only(rule: string, text: string): SourceFinding {
  const found = of(rule, text);
  assert.equal(found.length, 1, `expected one ${rule}, found ${JSON.stringify(rulesAt(text))}`);
  return found[0]!;
}

/** The text a finding points at. */
export function pointed(text: string, { range }: SourceFinding): string {
  const lines = (IMPORTS + text).split("\n").slice(range.startLine - 1, range.endLine);
  const last = lines.length - 1;
  lines[last] = lines[last]!.slice(0, range.endColumn);
  lines[0] = lines[0]!.slice(range.startColumn);
  return lines.join("\n");
}

/** The text after a finding's fix. */
export function fixed(text: string, finding: SourceFinding): string {
  assert.ok(finding.fix, `${finding.rule} has no fix`);
  const edited = [...finding.fix.edits]
    .sort((a, b) => offsetOf(text, b) - offsetOf(text, a))
    .reduce((current, edit) => replaced(current, edit), IMPORTS + text);
  return edited.slice(IMPORTS.length);
}

const offsetOf = (text: string, { range }: TextEdit): number =>
  offset(IMPORTS + text, range.startLine, range.startColumn);

function replaced(text: string, { range, newText }: TextEdit): string {
  return (
    text.slice(0, offset(text, range.startLine, range.startColumn)) +
    newText +
    text.slice(offset(text, range.endLine, range.endColumn))
  );
}

function offset(text: string, line: number, column: number): number {
  return (
    text
      .split("\n")
      .slice(0, line - 1)
      .reduce((sum, part) => sum + part.length + 1, 0) + column
  );
}

/** One `it` per piece of code on which a rule keeps silent. */
export function quiet(rule: string, cases: Readonly<Record<string, string>>): void {
  for (const [title, text] of Object.entries(cases)) {
    it(`says nothing about ${title}`, () => {
      assert.deepEqual(
        of(rule, text).map(({ verdict }) => verdict),
        [],
      );
    });
  }
}

/** What every finding must be, whatever its rule. */
export function assertWellFormed({ verdict, evidence, next, line, range }: SourceFinding): void {
  for (const sentence of [verdict, evidence, next]) assert.match(sentence, /^\S.*[.)]$/s);
  assert.match(next, /^(Pass|Make|Move|Call|Remove|Train|Change|Use|Give|Override) /);
  assert.match(evidence, /\d/);
  assert.equal(line, range.startLine);
}
