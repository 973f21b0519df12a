/** Named Float64Arrays of one length and in one buffer: a table without an object per row. */
export type Columns<Field extends string> = Readonly<Record<Field, Float64Array>>;

/** Rows that belong together: where they stood, −1 for new ones, and where they stand now. */
export interface RowRun {
  readonly first: number;
  readonly to: number;
  readonly count: number;
}

/** All zero. */
export function createColumns<Field extends string>(
  fields: readonly Field[],
  length: number,
): Columns<Field> {
  return viewColumns(fields, new ArrayBuffer(8 * fields.length * withRoom(length)), length);
}

/** So many zeros. */
export function createRows(length: number): Float64Array {
  return new Float64Array(new ArrayBuffer(8 * withRoom(length)), 0, length);
}

/** Some more, so that a table of a few more rows fits in there, too. */
function withRoom(length: number): number {
  return length + Math.ceil(length / 64);
}

/** What makes tables of a list of fields, and one of them, which keeps their layout alive. */
interface Layout {
  readonly Table: new () => object;
  readonly first: object;
}

/**
 * Objects built up field by field have a layout of their own each (a hidden class) as soon as a
 * program has some 1,500 of them with different first fields, such as labels: compiled code would
 * be thrown away at every table that it meets for the first time. Those of one class share theirs;
 * a class per list, which therefore is a constant of its module.
 */
const layouts = new WeakMap<readonly string[], Layout>();

function viewColumns<Field extends string>(
  fields: readonly Field[],
  buffer: ArrayBufferLike,
  length: number,
): Columns<Field> {
  let layout = layouts.get(fields);
  if (layout === undefined) {
    const Table = class {};
    layout = { Table, first: addColumns(new Table(), fields, new ArrayBuffer(0), 0) };
    layouts.set(fields, layout);
  }
  return addColumns(new layout.Table(), fields, buffer, length);
}

function addColumns<Field extends string>(
  to: object,
  fields: readonly Field[],
  buffer: ArrayBufferLike,
  length: number,
): Columns<Field> {
  const stride = buffer.byteLength / fields.length;
  fields.forEach((field, i) => {
    const value = new Float64Array(buffer, i * stride, length);
    Object.defineProperty(to, field, { value, enumerable: true, writable: true });
  });
  return to as Columns<Field>;
}

export function copyColumns<Field extends string>(
  fields: readonly Field[],
  from: Columns<Field>,
): Columns<Field> {
  const { buffer, length } = from[fields[0] as Field];
  return viewColumns(fields, buffer.slice(0), length);
}

/**
 * Columns of another length whose rows have moved, new ones zero; in the same memory where there is
 * room, since large tables that come and go call for full collections. The old ones are void.
 */
export function rearrangeColumns<Field extends string>(
  fields: readonly Field[],
  from: Columns<Field>,
  length: number,
  runs: readonly RowRun[],
): Columns<Field> {
  const rows = from[fields[0] as Field].buffer.byteLength / (8 * fields.length);
  const isRoomy = length <= rows;
  const columns = isRoomy ? from : createColumns(fields, length);
  for (const field of fields) {
    const column = columns[field];
    const all = new Float64Array(column.buffer, column.byteOffset, Math.max(rows, length));
    if (!isRoomy) all.set(from[field]);
    moveRuns(all, 1, runs);
  }
  return isRoomy ? viewColumns(fields, columns[fields[0] as Field].buffer, length) : columns;
}

/** The same of one array of so many rows, each of `width` numbers. */
export function rearrangeRows(
  width: number,
  from: Float64Array,
  count: number,
  runs: readonly RowRun[],
): Float64Array {
  const rows = resizeRows(from, width * count);
  const all = new Float64Array(rows.buffer);
  if (rows.buffer !== from.buffer) all.set(from);
  moveRuns(all, width, runs);
  return rows;
}

/** So many numbers in the memory of an array, where there is room; else new ones. */
export function resizeRows(rows: Float64Array, length: number): Float64Array {
  if (rows.length === length) return rows;
  if (rows.buffer.byteLength < 8 * length) return createRows(length);
  return new Float64Array(rows.buffer, 0, length);
}

/** Moves runs in place: those that go down in order, those that go up the other way round. */
function moveRuns(rows: Float64Array, width: number, runs: readonly RowRun[]): void {
  const from = isInOrder(runs) ? rows : rows.slice();
  const move = ({ first, to, count }: RowRun): void => {
    if (from === rows) rows.copyWithin(width * to, width * first, width * (first + count));
    else rows.set(from.subarray(width * first, width * (first + count)), width * to);
  };
  for (const run of runs) if (run.first > run.to) move(run);
  for (const run of runs.toReversed()) if (run.first >= 0 && run.first < run.to) move(run);
  for (const { first, to, count } of runs) {
    if (first < 0) rows.fill(0, width * to, width * (to + count));
  }
}

/** Runs that keep their order never write where another has yet to be read. */
function isInOrder(runs: readonly RowRun[]): boolean {
  let last = -1;
  for (const { first } of runs) {
    if (first < 0) continue;
    if (first < last) return false;
    last = first;
  }
  return true;
}
