/** Checks samples.jsonl line by line: whether each fits the schema, and what the first line says of the batch. */
import { basename } from "node:path";
import { fitsBatch, type ProbedBatch, type ProbedSample, type SampleLine } from "../../protocol/probedSamples";
import { FileSource } from "../byteSource";
import { LineReader } from "../lineReader";
import { parseSampleLine } from "../parseRecord";
import { samplesFile } from "../runFolder";
import type { Remarks } from "./faults";

/** A run without such a file has nothing wrong. */
export function checkSamples(folder: string, isGoingOn: boolean, remarks: Remarks): void {
  const path = samplesFile(folder);
  const reader = new LineReader(new FileSource(path));
  const check = new SamplesCheck(basename(path), remarks);
  for (const { number, text } of reader.readNew().lines) check.take(number, text);
  if (!isGoingOn && reader.unfinished() !== "")
    remarks.fault("unfinished-line", basename(path), {}, "its last line has no line end, so it is not read");
}

class SamplesCheck {
  private batch: ProbedBatch | null = null;
  private lastStep = 0;
  private readonly known = new Set<number>();

  constructor(
    private readonly file: string,
    private readonly remarks: Remarks,
  ) {}

  take(line: number, text: string | null): void {
    if (text?.trim() === "") return;
    if (text === null) return this.bad(line, "it is longer than any line of this file");
    const parsed = parseSampleLine(text);
    if (parsed.kind === "bad") this.bad(line, parsed.reason);
    if (parsed.kind === "unknown")
      this.remarks.note(
        this.file,
        { line },
        `NormLens ignores lines of the type ${parsed.type}, which it does not know`,
      );
    if (parsed.kind === "record") this.check(line, parsed.record);
  }

  private check(line: number, record: SampleLine): void {
    if (record.type === "batch") return this.begin(line, record);
    if (this.batch === null) return this.bad(line, "it comes before the line that describes the batch");
    if (!fitsBatch(record, this.batch))
      return this.bad(line, `it does not fit the batch, which has ${this.batch.samples} samples`);
    if (record.type === "sample") return this.checkSample(line, record, this.batch);
    if (record.step < this.lastStep)
      this.remarks.fault(
        "steps-decrease",
        this.file,
        { line },
        `its step ${record.step} is before step ${this.lastStep} of the answers before`,
      );
    this.lastStep = Math.max(this.lastStep, record.step);
    const unknown = record.shown.find(({ index }) => !this.known.has(index));
    if (unknown) this.remarks.note(this.file, { line }, `what sample ${unknown.index} is was not written before it`);
  }

  private begin(line: number, batch: ProbedBatch): void {
    if (this.batch !== null) return this.bad(line, "a second line that describes the batch");
    this.batch = batch;
    if (batch.labels.length !== batch.samples)
      this.bad(line, `it has ${batch.labels.length} labels for ${batch.samples} samples`);
  }

  private checkSample(line: number, { index, image }: ProbedSample, batch: ProbedBatch): void {
    this.known.add(index);
    if (image === null) return;
    const { channels, height, width } = batch.image ?? { channels: 0, height: 0, width: 0 };
    const bytes = Buffer.from(image, "base64").length;
    if (bytes !== channels * height * width)
      this.bad(line, `its image has ${bytes} bytes, but the batch says ${channels}×${height}×${width}`);
  }

  private bad(line: number, reason: string): void {
    this.remarks.fault("bad-line", this.file, { line }, reason);
  }
}
