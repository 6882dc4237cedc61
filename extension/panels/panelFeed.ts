/**
 * What one panel is sent: what changed in its runs since the last update, and the curves of what it shows. It knows no
 * window: the panel's shell sends what this returns.
 */
import { compareVerdict } from "../../engine/judgement/compare";
import { compareRuns } from "../../engine/judgement/comparison";
import type { RunSummary } from "../../engine/judgement/runSummary";
import type { Comparison } from "../../engine/protocol/comparison";
import type { FlippedSamples } from "../../engine/protocol/flippedSamples";
import type { Judgement, RunState } from "../../engine/protocol/judgement";
import type { Replay } from "../../engine/protocol/replay";
import type { RunReader } from "../../engine/runs/runReader";
import { SeriesCursor } from "../../engine/runs/seriesBlocks";
import { type Look, type PackedUpdate, packUpdate, type RunUpdate, type RunView } from "../../webview/protocol";

/** A run as the feed needs it. */
export interface FedRun {
  readonly id: string;
  readonly state: RunState;
  readonly summary: RunSummary;
  readonly reader: RunReader;
  /** Grows when everything that was read before became invalid. */
  readonly generation: number;
  readonly explanation: RunView["problem"];
  readonly label: string | null;
  readonly controllable: boolean;
  readonly isAskable: boolean;
  /** The same object until something it depends on changes. */
  judgement(pinnedStep: number | null): Judgement | null;
  replay(pinnedStep: number | null): Replay | null;
  flippedSamples(pinnedStep: number | null): FlippedSamples | null;
}

export interface PanelFeedOptions {
  readonly runs: readonly FedRun[];
  readonly editedLayers: (run: FedRun) => readonly string[];
}

type Fields = Omit<RunView, "id">;

/** What a panel has of one run. */
interface Sent {
  fields: Fields;
  cursor: SeriesCursor;
  generation: number;
}

export class PanelFeed {
  private readonly sent = new Map<string, Sent>();
  private sequence = 0;
  private look: Look | null = null;
  private compared: { readonly key: string; readonly variants: Comparison | null } | null = null;
  private sentVariants: Comparison | null = null;

  constructor(private readonly options: PanelFeedOptions) {}

  /** Everything, for a panel that opens or missed an update. */
  snapshot(look: Look): PackedUpdate {
    this.look = look;
    this.sent.clear();
    this.sentVariants = null;
    return this.update(this.options.runs.map((run) => this.whole(run, look)));
  }

  /** The curves of another look, and whatever else is new. Null before the first snapshot. */
  lookAt(look: Look): PackedUpdate | null {
    if (this.look === null) return null;
    this.look = look;
    return this.update(
      this.options.runs.map((run) => {
        const sent = this.sent.get(run.id);
        if (!sent) return this.whole(run, look);
        sent.cursor = cursorOf(run, look);
        return { id: run.id, changed: this.changed(run, sent, look), series: sent.cursor.all() };
      }),
    );
  }

  /** What changed since the last call of any of these; null when nothing did. */
  delta(): PackedUpdate | null {
    const { look } = this;
    if (look === null) return null;
    const runs = this.options.runs.map((run): RunUpdate => {
      const sent = this.sent.get(run.id);
      if (!sent) return this.whole(run, look);
      const changed = this.changed(run, sent, look);
      if (sent.generation === run.generation) return { id: run.id, changed, series: sent.cursor.news() };
      sent.generation = run.generation;
      sent.cursor = cursorOf(run, look);
      return { id: run.id, changed, series: sent.cursor.all() };
    });
    const news = runs.filter(({ changed, series }) => Object.keys(changed).length > 0 || series.length > 0);
    return news.length === 0 ? null : this.update(news);
  }

  private whole(run: FedRun, look: Look): RunUpdate {
    const fields = this.fieldsOf(run, look);
    const cursor = cursorOf(run, look);
    this.sent.set(run.id, { fields, cursor, generation: run.generation });
    return { id: run.id, changed: fields, series: cursor.all() };
  }

  /** The fields that differ from those sent last; remembers them as sent. */
  private changed(run: FedRun, sent: Sent, look: Look): Partial<Fields> {
    const now = this.fieldsOf(run, look);
    const before = sent.fields;
    sent.fields = now;
    const names = (Object.keys(now) as (keyof Fields)[]).filter((name) => !isSame(now[name], before[name]));
    return Object.fromEntries(names.map((name) => [name, now[name]]));
  }

  private fieldsOf(run: FedRun, look: Look): Fields {
    return {
      state: run.state,
      label: run.label,
      run: run.summary.run,
      step: run.summary.lastStep,
      judgement: run.judgement(look.pinnedStep),
      replay: run.replay(look.pinnedStep),
      flipped: look.showsSamples === true ? run.flippedSamples(look.pinnedStep) : null,
      problem: run.explanation,
      editedLayers: this.options.editedLayers(run),
      controllable: run.controllable,
      askable: run.isAskable,
      sampledSteps: run.reader.sampledSteps,
    };
  }

  private update(runs: readonly RunUpdate[]): PackedUpdate {
    this.sequence += 1;
    const variants = this.variants();
    const isNew = variants !== this.sentVariants;
    this.sentVariants = variants;
    return packUpdate({
      sequence: this.sequence,
      look: this.look?.id ?? 0,
      runs,
      comparison: compareVerdict(this.options.runs),
      ...(isNew ? { variants } : {}),
    });
  }

  /** Worked out again only when a run has more than steps that are new. */
  private variants(): Comparison | null {
    const { runs } = this.options;
    const key = runs.map(({ state, generation, summary }) => `${state} ${generation} ${summary.version}`).join("\n");
    if (this.compared?.key !== key) this.compared = { key, variants: compareRuns(runs) };
    return this.compared.variants;
  }
}

function cursorOf({ summary, reader }: FedRun, look: Look): SeriesCursor {
  const source = {
    // The summary's other lists are never replaced, so a cursor always reads them as they are now.
    get run() {
      return summary.run;
    },
    get rankSamples() {
      return summary.rankSamples;
    },
    reader,
    populations: summary.populations,
    gaps: summary.gaps,
    evals: summary.evals,
  };
  return new SeriesCursor(source, look);
}

/** By identity; problems and edited layers by value, because they are new objects each time. */
const isSame = (now: unknown, before: unknown): boolean =>
  now === before || (isSmall(now) && isSmall(before) && JSON.stringify(now) === JSON.stringify(before));

const isSmall = (value: unknown): boolean =>
  Array.isArray(value) || (typeof value === "object" && value !== null && "sentence" in value);
