/** A few bytes of brightness as an image that a page can show: a bitmap in the address itself, loaded from nowhere. */

export interface BitmapSize {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
}

const HEADER_BYTES = 54;

/** `base64` has bytes `[channel, y, x]`. Null where they are not as many as the size says. */
export function bitmapUri(base64: string, { channels, height, width }: BitmapSize): string | null {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  if (bytes.length !== channels * height * width || bytes.length === 0) return null;
  // Rows are filled up to whole words; colours are stored blue first.
  const rowBytes = Math.ceil((3 * width) / 4) * 4;
  const file = new Uint8Array(HEADER_BYTES + rowBytes * height);
  writeHeader(new DataView(file.buffer), height, width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let part = 0; part < 3; part++) {
        const channel = channels === 3 ? 2 - part : 0;
        file[HEADER_BYTES + y * rowBytes + 3 * x + part] = bytes[(channel * height + y) * width + x] ?? 0;
      }
  return `data:image/bmp;base64,${btoa(Array.from(file, (byte) => String.fromCharCode(byte)).join(""))}`;
}

function writeHeader(view: DataView, height: number, width: number): void {
  view.setUint16(0, 0x424d);
  view.setUint32(2, view.byteLength, true);
  view.setUint32(10, HEADER_BYTES, true);
  view.setUint32(14, HEADER_BYTES - 14, true);
  view.setInt32(18, width, true);
  // Negative: the first row is the top one.
  view.setInt32(22, -height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
}
