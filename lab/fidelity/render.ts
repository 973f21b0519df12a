import { renderMarkdownTable } from '../../core/tools/index.ts';
import type { Figure } from '../../core/truth/index.ts';
import type { GroupReport, SetReport } from './compare.ts';
import type { FeatureName } from './features.ts';
import type { FidelityReport } from './run-fidelity.ts';
import type { TwoSampleTest } from './two-sample.ts';

const intro = `# How real the twin's telemetry is

Made by \`npm run fidelity -- --data DIR --write\`; do not edit. Generated series of healthy runs are
observed as each set of recordings was (interval, length, averaging) and held against it.`;

const reading = `## How to read this

Every figure is a median over windows with a 95 % interval from resampling entities (services, nodes,
files). Windows without any variation are counted and left out of the rest. Each statistic is free of
unit and scale. *Tail index* is Hill's over the largest tenth of absolute changes (small is heavy);
*ACF near* is between neighbouring points, *ACF far* an hour apart (Sock Shop: a minute); *changes' ACF*
is between neighbouring changes (−0.5: white noise); *seasonality* is the share of variance in a daily
rhythm with two harmonics; *spectral slope* is of log power over log frequency (0 white, −1 pink, −2 a
random walk); *repeated* is the share of points equal to the one before.

The two-sample test trains a classifier on all thirteen statistics to tell recorded from generated
windows, five-fold by entity. 0.5: cannot be told apart; 1: always can. *logistic* is a ridge logistic
regression, *nearest* 15 nearest neighbours. *Two halves* is the same test between two halves of the
recorded entities: what "no difference" scores on data of this size. *Another recorded set* is the same
test between two real systems: a generated system that differs from a real one as much as real ones
differ from each other scores about that. Below 0.5 means that what was learnt from some entities is
wrong for others, as happens with few of them: nothing in it holds in general.

## Where the noise comes from

What is measured is the twin's state through an observation layer. Its knobs, each with its source,
stand in \`sim/telemetry/noise.ts\` (noise of measurements, sampling errors), \`gaps.ts\` (what is not
scraped, shipped late or dropped) and \`periodic-work.ts\` (cron tables and timers). They were set on
the medians above; the classifiers were only read.

## Where demand comes from

Users' demand is a topology's \`workload\` (docs/topologies.md): a daily and a weekly rhythm, noise on
seven time scales whose power falls as 1/f^slope and whose fast part comes in bursts, counts that
scatter more than Poisson's, and crowds with a heavy tail. Request rates of NAB and of the World Cup are
the demand of sites of their own, so they are held against front doors under a demand set on every
second recorded entity; the classifiers' figures for them are on the other entities alone. *Services as
shipped* is what the same test says of all services of whole systems under the calmer demand that their
topologies commit to, on all recorded entities: more noise would overload systems of that size.

What is different by construction: NAB's hosts do work that follows no users. Latency quantiles of Sock
Shop come from histograms with few wide buckets, which hold still where ours move. PetShop's load
generator asks in step, so that some nodes have the same count in every interval, several nodes of it
repeat one series, and its latencies drift for hours.`;

const rows: readonly (readonly [FeatureName, string, (value: number) => string])[] = [
  ['tailIndex', 'tail index', (v) => v.toFixed(2)],
  ['acfNear', 'ACF near', (v) => v.toFixed(2)],
  ['acfFar', 'ACF far', (v) => v.toFixed(2)],
  ['changeAcf', "changes' ACF", (v) => v.toFixed(2)],
  ['seasonality', 'seasonality', (v) => v.toFixed(2)],
  ['spectralSlope', 'spectral slope', (v) => v.toFixed(2)],
  ['variation', 'variation (sd/mean)', (v) => v.toPrecision(2)],
  ['missing', 'missing', percent],
  ['gapLength', 'gap length', (v) => v.toFixed(1)],
  ['repeated', 'repeated', percent],
  ['skewness', 'skewness', (v) => v.toFixed(2)],
  ['stability', 'between-block share', (v) => v.toFixed(2)],
  ['lumpiness', 'lumpiness', (v) => v.toFixed(2)],
];

/** The page \`docs/fidelity.md\`. */
export function renderFidelityPage({ systems, doors, sets }: FidelityReport): string {
  const played = systems.map(({ topology, seed }) => `\`${topology}\` seed ${seed}`).join(', ');
  return `${[
    intro,
    `Generated: two days each of ${played}; for request rates of NAB and of the World Cup
two days of the front door of \`${doors.topology}\` alone, seeds 1 to ${doors.count}; development seeds.`,
    '## Can a classifier tell?',
    renderTests(sets),
    ...sets.map(renderSet),
    reading,
  ].join('\n\n')}\n`;
}

function renderTests(sets: readonly SetReport[]): string {
  const lines = sets.flatMap(({ name, groups }) =>
    groups.map(({ group, told, toldOfServices, halves, others }) => [
      name,
      group,
      ...test(told),
      toldOfServices ? strongest(toldOfServices) : '–',
      strongest(halves),
      others.map((other) => `${other.set} ${strongest(other.told)}`).join(', ') || '–',
    ]),
  );
  const header = [
    'recordings',
    'group',
    'generated: logistic',
    'generated: nearest',
    'services as shipped',
    'two halves',
    'another recorded set',
  ];
  return `Area under the ROC curve; of the baselines, the higher of the two classifiers'.\n\n${renderMarkdownTable(header, lines)}`;
}

function renderSet({ name, stepMs, points, groups }: SetReport): string {
  const step = stepMs < 60_000 ? `${stepMs / 1000} s` : `${stepMs / 60_000} min`;
  return [
    `## ${name}: windows of ${points} points, ${step} apart`,
    ...groups.map(renderGroup),
  ].join('\n\n');
}

function renderGroup({ group, recorded, generated }: GroupReport): string {
  const lines = rows.flatMap(([name, title, format]) => {
    const pair = [recorded.medians[name], generated.medians[name]];
    if (pair.every((figure) => figure === undefined || figure.value === null)) return [];
    return [[title, ...pair.map((one) => figure(one, format))]];
  });
  const counts = [recorded, generated].map(
    ({ windows, entities }) => `${windows} of ${entities} entities`,
  );
  const constant = [recorded, generated].map(({ constantShare }) => percent(constantShare));
  return `### ${group}\n\n${renderMarkdownTable(
    ['', 'recorded', 'generated'],
    [['windows', ...counts], ['without variation', ...constant], ...lines],
  )}`;
}

function test({ logistic, nearest }: TwoSampleTest): string[] {
  return [logistic, nearest].map((one) => figure(one, (v) => v.toFixed(2)));
}

function strongest({ logistic, nearest }: TwoSampleTest): string {
  const higher = (nearest.value ?? 0) > (logistic.value ?? 0) ? nearest : logistic;
  return figure(higher, (v) => v.toFixed(2));
}

function figure(
  { value, low, high }: Figure = { value: null, low: null, high: null, n: 0 },
  format: (value: number) => string,
): string {
  if (value === null || Number.isNaN(value)) return '–';
  if (low === null || high === null) return format(value);
  return `${format(value)} (${format(low)} to ${format(high)})`;
}

function percent(share: number): string {
  const value = 100 * share;
  return `${value > 0 && value < 10 ? value.toPrecision(2) : value.toFixed(0)} %`;
}
