/** Named Float64Arrays of one length and in one buffer: a table without an object per row. */
export type Columns<Field extends string> = Readonly<Record<Field, Float64Array>>;

export function createColumns<Field extends string>(
  fields: readonly Field[],
  length: number,
): Columns<Field> {
  return viewColumns(fields, new ArrayBuffer(8 * fields.length * length));
}

function viewColumns<Field extends string>(
  fields: readonly Field[],
  buffer: ArrayBufferLike,
): Columns<Field> {
  const length = buffer.byteLength / (8 * fields.length);
  const entries = fields.map(
    (field, i) => [field, new Float64Array(buffer, 8 * i * length, length)] as const,
  );
  return Object.fromEntries(entries) as Record<Field, Float64Array>;
}

export function copyColumns<Field extends string>(
  fields: readonly Field[],
  from: Columns<Field>,
): Columns<Field> {
  return viewColumns(fields, from[fields[0] as Field].buffer.slice(0));
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
