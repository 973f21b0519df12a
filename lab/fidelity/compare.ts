import { createStream, median, quantileSorted } from '../../core/tools/index.ts';
import type { Figure } from '../../core/truth/index.ts';
import type { FeatureName, Features } from './features.ts';
import { featuresOf } from './features.ts';
import type { Example, TwoSampleTest } from './two-sample.ts';
import { twoSampleTest } from './two-sample.ts';
import type { RecordedSet, SignalGroup, Window } from './window.ts';
import { signalGroups } from './window.ts';

/** One sample of windows, measured. */
export interface Sample {
  readonly windows: number;
  readonly entities: number;
  /** Share of windows without any variation, which no statistic below includes. */
  readonly constantShare: number;
  /** Medians over windows with a 95 % interval from resampling entities. */
  readonly medians: Readonly<Record<FeatureName, Figure>>;
}

export interface GroupReport {
  readonly group: SignalGroup;
  readonly recorded: Sample;
  readonly generated: Sample;
  /** How well a classifier tells recorded from generated windows. */
  readonly told: TwoSampleTest;
  /** For demand: the same, of the services of whole systems under their topologies' own demand. */
  readonly toldOfServices: TwoSampleTest | null;
  /**
   * The same classifier on two halves of the recorded entities: what "no difference" looks like.
   */
  readonly halves: TwoSampleTest;
  /** And on this set and another recorded one of the same kind: how far real systems differ. */
  readonly others: readonly { readonly set: string; readonly told: TwoSampleTest }[];
}

export interface SetReport {
  readonly name: string;
  readonly stepMs: number;
  readonly points: number;
  readonly groups: readonly GroupReport[];
}

const resamples = 500;
/** The neighbours' cost is quadratic; more windows would not change a figure's second digit. */
const examplesMax = 500;

/** Generated windows of the services of whole systems, and of doors under a set's demand. */
export interface MadeWindows {
  readonly services: Window[];
  readonly doors: Window[];
}

interface MeasuredWindow {
  readonly entity: string;
  readonly features: Features | null;
}

/** Measures recorded and generated windows of one set, group by group. */
export function compareSet(
  set: RecordedSet,
  generated: MadeWindows,
  otherSets: readonly RecordedSet[],
): SetReport {
  const groups = signalGroups.flatMap((group): GroupReport[] => {
    const recorded = measure(set.windows, group, set.stepMs);
    const services = measure(generated.services, group, set.stepMs);
    if (recorded.length === 0 || services.length === 0) return [];
    const isDemand = set.demand !== null && group === 'request rate';
    const made = isDemand ? measure(generated.doors, group, set.stepMs) : services;
    const others = otherSets
      .filter((other) => other.stepMs === set.stepMs && other.name !== set.name)
      .map((other) => ({ set: other.name, windows: measure(other.windows, group, set.stepMs) }))
      .filter(({ windows }) => windows.length > 0);
    return [
      {
        group,
        recorded: summarise(recorded),
        generated: summarise(made),
        // A demand was set on the other half.
        told: tell(isDemand ? halve(recorded)[1] : recorded, made),
        toldOfServices: isDemand ? tell(recorded, services) : null,
        halves: tell(...halve(recorded)),
        others: others.map((other) => ({ set: other.set, told: tell(recorded, other.windows) })),
      },
    ];
  });
  return { name: set.name, stepMs: set.stepMs, points: set.points, groups };
}

function measure(windows: readonly Window[], group: SignalGroup, stepMs: number): MeasuredWindow[] {
  return thin(windows.filter((window) => window.group === group)).map(({ entity, values }) => ({
    entity,
    features: featuresOf(values, stepMs),
  }));
}

/** At most so many, evenly over entities and over each one's windows. */
function thin(windows: readonly Window[]): readonly Window[] {
  if (windows.length <= examplesMax) return windows;
  const sorted = windows.toSorted(
    (a, b) => Number(a.entity > b.entity) - Number(a.entity < b.entity),
  );
  return Array.from({ length: examplesMax }, (_, i) => {
    return sorted[Math.floor((i * windows.length) / examplesMax)] as Window;
  });
}

function summarise(windows: readonly MeasuredWindow[]): Sample {
  const byEntity = new Map<string, Features[]>();
  let constant = 0;
  for (const { entity, features } of windows) {
    if (!byEntity.has(entity)) byEntity.set(entity, []);
    if (features) byEntity.get(entity)?.push(features);
    else constant += 1;
  }
  const entities = [...byEntity.values()];
  const names = Object.keys(entities.flat()[0] ?? {}) as FeatureName[];
  return {
    windows: windows.length,
    entities: entities.length,
    constantShare: constant / windows.length,
    medians: Object.fromEntries(
      names.map((name) => [name, medianFigure(entities.map((own) => own.map((f) => f[name])))]),
    ) as Record<FeatureName, Figure>,
  };
}

/** The median over all values, with an interval from drawing entities with replacement. */
function medianFigure(entities: readonly (readonly number[])[]): Figure {
  const stream = createStream(20_260, 'fidelity');
  const draws = Float64Array.from({ length: resamples }, () => {
    const drawn = entities.map(() => entities[stream.integer(entities.length)] as number[]);
    return median(drawn.flat());
  });
  const sorted = draws.filter((draw) => !Number.isNaN(draw)).sort();
  const all = entities.flat();
  return {
    value: median(all),
    low: quantileSorted(sorted, 0.025),
    high: quantileSorted(sorted, 0.975),
    n: all.length,
  };
}

function tell(first: readonly MeasuredWindow[], second: readonly MeasuredWindow[]): TwoSampleTest {
  return twoSampleTest([...toExamples(first, false), ...toExamples(second, true)]);
}

function toExamples(windows: readonly MeasuredWindow[], positive: boolean): Example[] {
  return windows.flatMap(({ entity, features }) =>
    features ? [{ entity, features: Float64Array.from(Object.values(features)), positive }] : [],
  );
}

/** Two halves with every entity whole, in alternation by name. */
function halve(windows: readonly MeasuredWindow[]): [MeasuredWindow[], MeasuredWindow[]] {
  const entities = [...new Set(windows.map(({ entity }) => entity))].sort();
  const isFirst = ({ entity }: MeasuredWindow): boolean => entities.indexOf(entity) % 2 === 0;
  return [windows.filter(isFirst), windows.filter((window) => !isFirst(window))];
}
