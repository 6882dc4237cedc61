/** The disk as it was when it was first asked: for a command that reads many files, most of which import the same. */
import { createHash } from "node:crypto";
import { diskListing, type Listing } from "./callers";
import { diskView, type FileView } from "./fileView";

export class KeptView implements FileView, Listing {
  private readonly names = new Map<string, readonly string[]>();
  private readonly kinds = new Map<string, "file" | "folder" | null>();
  private readonly realPaths = new Map<string, string | null>();
  private readonly texts = new Map<string, string | null>();
  private readonly hashes = new Map<string, { readonly text: string; readonly hash: string }>();

  constructor(private readonly disk: FileView & Listing = { ...diskListing, ...diskView }) {}

  kindOf(path: string): "file" | "folder" | null {
    return kept(this.kinds, path, () => this.disk.kindOf(path));
  }

  realPath(path: string): string | null {
    return kept(this.realPaths, path, () => this.disk.realPath(path));
  }

  textOf(path: string): string | null {
    return kept(this.texts, path, () => this.disk.textOf(path));
  }

  namesIn(folder: string): readonly string[] {
    return kept(this.names, folder, () => this.disk.namesIn(folder));
  }

  /** Of the text of a file that was read here. */
  hashOf({ path, text }: { readonly path: string; readonly text: string }): string {
    const known = this.hashes.get(path);
    if (known?.text === text) return known.hash;
    const hash = hashOf(text);
    this.hashes.set(path, { text, hash });
    return hash;
  }
}

export const hashOf = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** The value of a key, looked for once. */
export function kept<K, T>(known: Map<K, T>, key: K, look: () => T): T {
  const before = known.get(key);
  if (before !== undefined || known.has(key)) return before as T;
  const value = look();
  known.set(key, value);
  return value;
}
