/** Named Float64Arrays of one length: a table without an object per row. */
export type Columns<Field extends string> = Readonly<Record<Field, Float64Array>>;

export function createColumns<Field extends string>(
  fields: readonly Field[],
  length: number,
): Columns<Field> {
  const entries = fields.map((field) => [field, new Float64Array(length)] as const);
  return Object.fromEntries(entries) as Record<Field, Float64Array>;
}

export function copyColumns<Field extends string>(
  fields: readonly Field[],
  from: Columns<Field>,
): Columns<Field> {
  const entries = fields.map((field) => [field, from[field].slice()] as const);
  return Object.fromEntries(entries) as Record<Field, Float64Array>;
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
