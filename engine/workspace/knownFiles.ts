/**
 * The files of a disk as they were when somebody last looked: every question is answered at once. What is asked and not
 * known yet counts as missing until `load` has read it. So nothing here makes an editor wait for a disk.
 */
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { decodeText, type FileView, kindOf, MAX_BYTES } from "./fileView";

interface KnownFile {
  readonly kind: "file" | "folder" | null;
  readonly realPath: string | null;
  readonly size: number;
  /** Undefined until it was asked for. */
  text?: string | null;
}

const MISSING: KnownFile = { kind: null, realPath: null, size: 0, text: null };

export class KnownFiles implements FileView {
  private readonly files = new Map<string, KnownFile>();
  private readonly wantedFiles = new Set<string>();
  private readonly wantedTexts = new Set<string>();
  /** How many questions had no answer yet. */
  unanswered = 0;

  kindOf(path: string): "file" | "folder" | null {
    return this.known(path)?.kind ?? null;
  }

  realPath(path: string): string | null {
    return this.known(path)?.realPath ?? null;
  }

  textOf(path: string): string | null {
    const file = this.known(path);
    if (file?.kind === "file" && file.text === undefined) {
      this.wantedTexts.add(path);
      this.unanswered++;
    }
    return file?.text ?? null;
  }

  /** Reads what was asked for. A file that can't be read is missing. */
  async load(): Promise<void> {
    const files = take(this.wantedFiles);
    const texts = take(this.wantedTexts);
    await Promise.all([
      ...files.map(async (path) => this.files.set(path, await lookAt(path))),
      ...texts.map((path) => this.loadText(path)),
    ]);
  }

  /** Forgets what a path was; true when anybody has asked for it, or for a folder that is there only now. */
  forget(path: string): boolean {
    let wasAsked = this.files.delete(path);
    for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
      if (this.files.get(folder)?.kind !== null) continue;
      wasAsked = this.files.delete(folder) || wasAsked;
    }
    return wasAsked;
  }

  private known(path: string): KnownFile | undefined {
    const file = this.files.get(path);
    if (file === undefined) {
      this.wantedFiles.add(path);
      this.unanswered++;
    }
    return file;
  }

  private async loadText(path: string): Promise<void> {
    const file = this.files.get(path);
    if (file !== undefined) file.text = file.size > MAX_BYTES ? null : await readText(path);
  }
}

function take(wanted: Set<string>): string[] {
  const paths = [...wanted];
  wanted.clear();
  return paths;
}

async function lookAt(path: string): Promise<KnownFile> {
  try {
    const [stats, real] = await Promise.all([stat(path), realpath(path)]);
    return { kind: kindOf(stats), realPath: real, size: stats.size };
  } catch {
    return { ...MISSING };
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return decodeText(await readFile(path));
  } catch {
    return null;
  }
}
