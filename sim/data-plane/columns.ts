/** Named Float64Arrays of one length and in one buffer: a table without an object per row. */
export type Columns<Field extends string> = Readonly<Record<Field, Float64Array>>;

/** All zero; in the buffer of a table that nobody reads any more, where one is given and fits. */
export function createColumns<Field extends string>(
  fields: readonly Field[],
  length: number,
  unused: Columns<Field> | null = null,
): Columns<Field> {
  const buffer = unused?.[fields[0] as Field].buffer;
  const bytes = 8 * fields.length * length;
  if (buffer === undefined || buffer.byteLength < bytes) {
    return viewColumns(fields, new ArrayBuffer(withRoom(bytes)), length);
  }
  new Float64Array(buffer, 0, fields.length * length).fill(0);
  return viewColumns(fields, buffer, length);
}

/**
 * So many zeros, in the buffer of an array that nobody reads any more, where one is given and fits.
 */
export function createRows(length: number, unused: Float64Array | null = null): Float64Array {
  const isRoomy = unused !== null && unused.buffer.byteLength >= 8 * length;
  const buffer = isRoomy ? unused.buffer : new ArrayBuffer(withRoom(8 * length));
  const rows = new Float64Array(buffer, 0, length);
  if (isRoomy) rows.fill(0);
  return rows;
}

/** Some more, so that a table of a few more rows fits in there, too. */
function withRoom(bytes: number): number {
  return bytes + 8 * Math.ceil(bytes / 256);
}

function viewColumns<Field extends string>(
  fields: readonly Field[],
  buffer: ArrayBufferLike,
  length: number,
): Columns<Field> {
  const entries = fields.map(
    (field, i) => [field, new Float64Array(buffer, 8 * i * length, length)] as const,
  );
  return Object.fromEntries(entries) as Record<Field, Float64Array>;
}

export function copyColumns<Field extends string>(
  fields: readonly Field[],
  from: Columns<Field>,
): Columns<Field> {
  const { buffer, length } = from[fields[0] as Field];
  return viewColumns(fields, buffer.slice(0, 8 * fields.length * length), length);
}

/** Copies rows of `width` numbers from one array to another. */
export function moveWide(
  width: number,
  tables: { readonly from: Float64Array; readonly to: Float64Array },
  { first, to, count }: { first: number; to: number; count: number },
): void {
  tables.to.set(tables.from.subarray(width * first, width * (first + count)), width * to);
}

/** Copies `count` rows from row `first` of one table to row `to` of another. */
export function moveRows<Field extends string>(
  fields: readonly Field[],
  tables: { from: Columns<Field>; to: Columns<Field> },
  rows: { first: number; to: number; count: number },
): void {
  for (const field of fields) {
    tables.to[field].set(tables.from[field].subarray(rows.first, rows.first + rows.count), rows.to);
  }
}
