/**
 * What was found damaged in a file, in order of its places. A file that is damaged all over does not fill the memory.
 */
import type { NumbersDamage } from "../../protocol/numbers";

const MAX_ENTRIES = 1000;

type Entry = { -readonly [Key in keyof NumbersDamage]: NumbersDamage[Key] };

export class DamageList {
  readonly entries: Entry[] = [];
  /** Everything that was found, also what is not among the entries any more. */
  count = 0;
  /** A loss whose end was not found yet. */
  private open: Entry | null = null;

  add(kind: NumbersDamage["kind"], offset: number, bytes: number, table: string | null, step: number | null): void {
    this.open = null;
    this.push({ kind, offset, bytes, table, step });
  }

  /** Bytes that could not be read. `goesOn`: they begin with no marker, so they belong to the loss before them. */
  lose(kind: NumbersDamage["kind"], from: number, to: number, goesOn: boolean): void {
    const last = this.entries.at(-1);
    const isSame = goesOn ? last === this.open : kind === "undeclared" && last?.kind === kind;
    if (isSame && last && last.offset + last.bytes === from) last.bytes = to - last.offset;
    else this.push({ kind, offset: from, bytes: to - from, table: null, step: null });
    this.open = this.entries.at(-1) ?? null;
  }

  /** What comes now was found: the last loss ends before it. */
  close(): void {
    this.open = null;
  }

  private push(entry: Entry): void {
    this.count += 1;
    if (this.entries.length < MAX_ENTRIES) this.entries.push(entry);
  }
}
