/**
 * The typed arrays a checkpoint can hold; their bytes are little-endian, as every platform's are.
 */
export type NumberArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** The byte in front of every value. */
export const valueTags = {
  number: 1,
  integer: 2,
  text: 3,
  Float64Array: 4,
  Float32Array: 5,
  Int32Array: 6,
  Uint32Array: 7,
  Int16Array: 8,
  Uint16Array: 9,
  Int8Array: 10,
  Uint8Array: 11,
} as const;

export type ValueKind = keyof typeof valueTags;
