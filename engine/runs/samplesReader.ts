/** Reads the samples of a run's probe batch and the model's answers, on from where it stopped last time. */
import {
  fitsBatch,
  type ProbedAnswers,
  type ProbedBatch,
  type ProbedSample,
  type SampleAnswers,
} from "../protocol/probedSamples";
import { FileSource } from "./byteSource";
import { LineReader } from "./lineReader";
import { parseSampleLine } from "./parseRecord";
import { samplesFile } from "./runFolder";

export class SamplesReader {
  private readonly lines: LineReader;
  private batch: ProbedBatch | null = null;
  private samples = new Map<number, ProbedSample>();
  private answers: ProbedAnswers[] = [];
  private known: SampleAnswers | null = null;

  constructor(runFolder: string) {
    this.lines = new LineReader(new FileSource(samplesFile(runFolder)));
  }

  /** The same object until there is more; null where a run has no such file. Lines that do not fit are skipped. */
  read(): SampleAnswers | null {
    const { lines, replaced } = this.lines.readNew();
    if (lines.length === 0 && !replaced) return this.known;
    if (replaced) this.forget();
    for (const { text } of lines) if (text !== null) this.take(text);
    const { batch, samples, answers } = this;
    this.known = batch && { batch, samples, answers };
    return this.known;
  }

  private take(text: string): void {
    const parsed = parseSampleLine(text);
    if (parsed.kind !== "record") return;
    const { record } = parsed;
    if (record.type === "batch") this.begin(record);
    else if (this.batch === null || !fitsBatch(record, this.batch)) return;
    else if (record.type === "sample") this.samples.set(record.index, record);
    else if (record.step >= (this.answers.at(-1)?.step ?? 0)) this.answers.push(record);
  }

  private begin(batch: ProbedBatch): void {
    if (batch.labels.length === batch.samples) this.batch ??= batch;
  }

  private forget(): void {
    this.batch = null;
    this.samples = new Map();
    this.answers = [];
  }
}
