/** Rows labelled as one anomaly, both ends included. */
export interface LabelledEvent {
  readonly from: number;
  readonly until: number;
}

/** The unbroken runs of ones in labels of 0 and 1, in order. */
export function labelledEvents(labels: ArrayLike<number>): LabelledEvent[] {
  const events: LabelledEvent[] = [];
  let from = -1;
  for (let i = 0; i <= labels.length; i += 1) {
    const isEvent = i < labels.length && labels[i] === 1;
    if (isEvent && from < 0) from = i;
    if (!isEvent && from >= 0) {
      events.push({ from, until: i - 1 });
      from = -1;
    }
  }
  return events;
}

/**
 * Average precision, 0 to 1: the sum over all distinct scores of recall gained times precision
 * there. Without skill it is the share of labelled rows. NaN without a labelled row; a NaN score
 * counts as the lowest. O(n log n).
 */
export function averagePrecision(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = descending(scores);
  let positives = 0;
  for (let i = 0; i < labels.length; i += 1) positives += labels[i]!;
  if (positives === 0) return Number.NaN;
  let hits = 0;
  let area = 0;
  let rank = 0;
  while (rank < order.length) {
    const value = told(scores[order[rank]!]!);
    let gained = 0;
    while (rank < order.length && told(scores[order[rank]!]!) === value) {
      gained += labels[order[rank]!]!;
      rank += 1;
    }
    hits += gained;
    area += (gained / positives) * (hits / rank);
  }
  return area;
}

/** Buffers up to this long: half of it on each side of an event. */
const bufferRowsMax = 100;
const thresholdsMax = 250;

/**
 * Volume under the precision-recall surface (Paparrizos et al., VLDB 2022), 0 to 1: the mean of the
 * range-based average precision over buffers of 0 to 100 rows, at 250 thresholds that are quantiles
 * of the scores. A buffer of w rows softens the labels to sqrt(1 - distance / w) for w / 2 rows on
 * each side of an event; recall counts also the share of events touched. Series of under 1,000 rows
 * take buffers up to a tenth of their rows. NaN without a labelled row; a NaN score counts as the
 * lowest. O(n log n), and per buffer only the rows in it.
 */
export function volumeUnderPrecisionRecall(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  bufferMax: number = Math.min(bufferRowsMax, Math.floor(labels.length / 10)),
): number {
  const events = labelledEvents(labels);
  if (events.length === 0) return Number.NaN;
  const { steps, predicted } = thresholdSteps(scores);
  const hits = new Float64Array(predicted.length);
  let positives = 0;
  for (const { from, until } of events) {
    for (let i = from; i <= until; i += 1) hits[steps[i]!]! += 1;
    positives += until - from + 1;
  }
  const first = events.map(({ from, until }) =>
    steps.subarray(from, until + 1).reduce((least, step) => Math.min(least, step)),
  );
  const soft = new Float64Array(labels.length);
  let volume = 0;
  for (let buffer = 0; buffer <= bufferMax; buffer += 1) {
    const half = Math.floor(buffer / 2);
    const softened = new Float64Array(predicted.length);
    forEachBuffered(events, half, labels, (row, distance) => {
      soft[row]! += Math.sqrt(1 - distance / buffer);
    });
    forEachBuffered(events, half, labels, (row) => {
      softened[steps[row]!]! += Math.min(1, soft[row]!);
      soft[row] = 0;
    });
    reachOut(events, first, { half, steps });
    const touched = touchedShares(events, first, { half, thresholds: predicted.length });
    volume += rangeArea({ hits, softened, predicted, touched, positives });
  }
  return volume / (bufferMax + 1);
}

export interface AlarmScores {
  /** Harmonic mean of the next two; 0 when nothing was found. */
  readonly eventF1: number;
  /** Events found over events found and runs of alarms that touch no event; 0 without an alarm. */
  readonly precision: number;
  /** Share of the events with an alarm in them; NaN without an event. */
  readonly recall: number;
  /** Rows above the threshold outside events, per 1,000 rows. */
  readonly falseAlarmsPer1000: number;
}

/** What an operator gets who is called whenever a score exceeds the threshold. */
export function scoreAlarms(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  threshold: number,
): AlarmScores {
  const alarms = Uint8Array.from(scores, (score) => (score > threshold ? 1 : 0));
  let falseRows = 0;
  for (let i = 0; i < alarms.length; i += 1) if (alarms[i] === 1 && labels[i] !== 1) falseRows += 1;
  const touches = (marks: ArrayLike<number>, { from, until }: LabelledEvent): boolean => {
    for (let i = from; i <= until; i += 1) if (marks[i] === 1) return true;
    return false;
  };
  const events = labelledEvents(labels);
  const found = events.filter((event) => touches(alarms, event)).length;
  const astray = labelledEvents(alarms).filter((run) => !touches(labels, run)).length;
  const precision = found > 0 ? found / (found + astray) : 0;
  const recall = found / events.length;
  return {
    eventF1: found > 0 ? (2 * precision * recall) / (precision + recall) : 0,
    precision,
    recall,
    falseAlarmsPer1000: (1000 * falseRows) / scores.length,
  };
}

function told(score: number): number {
  return Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score;
}

function descending(scores: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => {
    const [left, right] = [told(scores[a]!), told(scores[b]!)];
    return left === right ? 0 : right > left ? 1 : -1;
  });
}

/** Per row the first threshold it reaches, and per threshold how many rows reach it. */
function thresholdSteps(scores: ArrayLike<number>): {
  steps: Uint16Array;
  predicted: Float64Array;
} {
  const order = descending(scores);
  const n = order.length;
  const steps = new Uint16Array(n);
  const predicted = new Float64Array(Math.min(thresholdsMax, n));
  let rank = 0;
  for (let k = 0; k < predicted.length; k += 1) {
    const last = predicted.length - 1;
    const at = last === 0 ? n - 1 : Math.floor((k * (n - 1)) / last);
    const value = told(scores[order[at]!]!);
    while (rank < n && told(scores[order[rank]!]!) >= value) {
      steps[order[rank]!] = k;
      rank += 1;
    }
    predicted[k] = rank;
  }
  return { steps, predicted };
}

/** Every row of the buffers that is not labelled itself, once per event that it is near. */
function forEachBuffered(
  events: readonly LabelledEvent[],
  half: number,
  labels: ArrayLike<number>,
  visit: (row: number, distance: number) => void,
): void {
  for (const { from, until } of events) {
    for (let distance = 1; distance <= half; distance += 1) {
      const [before, after] = [from - distance, until + distance];
      if (before >= 0 && labels[before] !== 1) visit(before, distance);
      if (after < labels.length && labels[after] !== 1) visit(after, distance);
    }
  }
}

/** Takes the outermost rows of the buffers into each event's first threshold. */
function reachOut(
  events: readonly LabelledEvent[],
  first: number[],
  { half, steps }: { half: number; steps: Uint16Array },
): void {
  events.forEach(({ from, until }, i) => {
    const before = steps[from - half] ?? Number.POSITIVE_INFINITY;
    const after = steps[until + half] ?? Number.POSITIVE_INFINITY;
    first[i] = Math.min(first[i]!, before, after);
  });
}

/** Per threshold the share of events touched; events whose buffers meet count as one. */
function touchedShares(
  events: readonly LabelledEvent[],
  first: readonly number[],
  { half, thresholds }: { half: number; thresholds: number },
): Float64Array {
  const shares = new Float64Array(thresholds);
  let groups = 0;
  let best = Number.POSITIVE_INFINITY;
  events.forEach(({ until }, i) => {
    best = Math.min(best, first[i]!);
    const next = events[i + 1];
    if (next && until + half >= next.from - half) return;
    shares[best]! += 1;
    groups += 1;
    best = Number.POSITIVE_INFINITY;
  });
  let touched = 0;
  for (let k = 0; k < thresholds; k += 1) {
    touched += shares[k]!;
    shares[k] = touched / groups;
  }
  return shares;
}

/** The area under precision over range-based recall, for labels softened by one buffer. */
function rangeArea(curve: {
  hits: Float64Array;
  softened: Float64Array;
  predicted: Float64Array;
  touched: Float64Array;
  positives: number;
}): number {
  const { hits, softened, predicted, touched, positives } = curve;
  let hit = 0;
  let near = 0;
  let area = 0;
  let reached = 0;
  for (let k = 0; k < predicted.length; k += 1) {
    hit += hits[k]!;
    near += softened[k]!;
    const recall = Math.min(1, (hit + near) / (positives + near / 2)) * touched[k]!;
    area += (recall - reached) * ((hit + near) / predicted[k]!);
    reached = recall;
  }
  return area;
}
