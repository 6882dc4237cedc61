/** Typed arrays through JSON, for a page that gets its messages inside its own HTML. */
const TYPES = { f64: Float64Array, f32: Float32Array } as const;

interface Encoded {
  readonly $array: keyof typeof TYPES;
  readonly base64: string;
}

export function encodeMessage(message: unknown): string {
  return JSON.stringify(message, (_key, value: unknown) => {
    if (value instanceof Float64Array) return encoded("f64", value);
    return value instanceof Float32Array ? encoded("f32", value) : value;
  });
}

export function decodeMessage<T>(text: string): T {
  return JSON.parse(text, (_key, value: unknown) => (isEncoded(value) ? decoded(value) : value)) as T;
}

function encoded($array: Encoded["$array"], values: Float64Array | Float32Array): Encoded {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return { $array, base64: btoa(binary) };
}

function decoded({ $array, base64 }: Encoded): Float64Array | Float32Array {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new TYPES[$array](bytes.buffer);
}

const isEncoded = (value: unknown): value is Encoded =>
  typeof value === "object" && value !== null && "$array" in value;
