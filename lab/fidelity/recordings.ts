import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../core/tools/index.ts';
import { loadNabCorpus, type NabSeries } from '../benchmarks/nab/corpus.ts';
import type { RecordedSet, SignalGroup, Window } from './window.ts';

const hint =
  'point --data at a folder with nab/ (github.com/numenta/NAB), petshop/ ' +
  '(github.com/amazon-science/petshop-root-cause-analysis), rcd-sockshop/ (github.com/azamikram/rcd) and ' +
  'worldcup98/ (github.com/nimamahmoudi/worldcup98-dataset)';

const hourMs = 3_600_000;
const secondsPerScrape = 15;
const shortPoints = 18;
const cloudStepMs = 300_000;
/** Two days. */
const longPoints = 576;

/** Load generators have no days and draw no crowds. */
const steadyGenerator = { dailySwing: 0, noiseSd: 0.04, dispersion: 1, crowdsPerDay: 0 } as const;

/** The recordings under a folder, each cut into windows of one length. */
export function loadRecordings(dir: string): readonly RecordedSet[] {
  return [loadSockShop(dir), loadPetShop(dir), loadNab(dir), loadWorldCup(dir)];
}

/**
 * Sock Shop (RCD, 2022): 50 fault-free recordings of some 280 s at 1 s steps, in which values move
 * when Prometheus scrapes; read every 15 s here. Loads and latencies are over the last 30 s.
 */
function loadSockShop(dir: string): RecordedSet {
  const root = join(dir, 'rcd-sockshop', 'sock-shop-data');
  const windows = listFolder(root).flatMap((label) =>
    listFolder(join(root, label)).flatMap((run) =>
      readSockShopRun(join(root, label, run, 'normal.csv')),
    ),
  );
  return {
    name: 'Sock Shop',
    // A load generator of some tens of users; the catalogue alone has 17 requests/s.
    load: { ...steadyGenerator, requestsPerSec: 40 },
    demand: null,
    runMs: 6 * hourMs,
    stepMs: secondsPerScrape * 1000,
    points: shortPoints,
    trailing: { 'request rate': 2, latency: 2 },
    isCounted: false,
    windows,
  };
}

function readSockShopRun(file: string): Window[] {
  const [header = [], ...rows] = readTable(file);
  const kept = rows.filter((_, i) => i % secondsPerScrape === 0).slice(0, shortPoints);
  if (kept.length < shortPoints) return [];
  return header.flatMap((column, at): Window[] => {
    const [, entity = '', kind = ''] = /^(.*?)_(cpu|mem|lod|lat_\d+)$/.exec(column) ?? [];
    const group = sockShopGroups[kind];
    if (!group) return [];
    return [{ group, entity, values: Float64Array.from(kept, (row) => numberOf(row[at])) }];
  });
}

const sockShopGroups: Readonly<Record<string, SignalGroup>> = {
  cpu: 'cpu',
  mem: 'memory',
  lod: 'request rate',
  lat_50: 'latency',
  lat_90: 'latency',
  lat_99: 'latency',
};

/** PetShop (2024), low traffic, the two days without a fault: CloudWatch and X-Ray at 5 min. */
function loadPetShop(dir: string): RecordedSet {
  const table = readTable(join(dir, 'petshop', 'low_traffic', 'noissue', 'metrics.csv'));
  const [nodes = [], metrics = [], statistics = []] = table;
  const rows = table.slice(4, 4 + longPoints);
  const windows = nodes.flatMap((entity, at): Window[] => {
    const group = petShopGroups[`${metrics[at]} ${statistics[at]}`];
    if (!group) return [];
    const values = Float64Array.from(rows, (row) => numberOf(row[at]));
    return [{ group, entity, values: group === 'error ratio' ? values.map(failedShare) : values }];
  });
  return {
    name: 'PetShop',
    // Low traffic from a steady generator in a quiet account: half of the nodes have less than 37
    // requests per 5 min. At this rate half of the twin's services have less than some 20.
    load: { ...steadyGenerator, requestsPerSec: 0.6, happeningsPerHour: 0 },
    demand: null,
    runMs: 48 * hourMs,
    stepMs: cloudStepMs,
    points: longPoints,
    trailing: {},
    isCounted: true,
    windows,
  };
}

const petShopGroups: Readonly<Record<string, SignalGroup>> = {
  'latency p50': 'latency',
  'latency p95': 'latency',
  'latency p99': 'latency',
  'requests Sum': 'request rate',
  'availability Average': 'error ratio',
};

/** Availability is in percent. */
function failedShare(availability: number): number {
  return Math.max(0, 1 - availability / 100);
}

/**
 * NAB (v1.1): cloud metrics and demand of production systems at 5 min, in windows of two days that
 * hold no labelled anomaly. Twitter volumes stand for user demand; 17 files of other kinds are left
 * out because the twin has nothing of the kind.
 */
function loadNab(dir: string): RecordedSet {
  const corpus = loadNabCorpus(join(dir, 'nab'));
  const windows = corpus.flatMap((series) => {
    const group = nabGroups.find(([pattern]) => pattern.test(series.name))?.[1];
    return group ? cutNab(series, group) : [];
  });
  return {
    name: 'NAB',
    load: {},
    demand: {
      // Mentions of a brand and requests of a small site: 0.1 to 78 in five minutes.
      perSec: [0.001, 0.26],
      workload: {
        dailySwing: 0.5,
        noiseSd: 0.6,
        noiseSlope: 1,
        dispersion: 3,
        crowdsPerDay: 2,
        largestCrowd: 5,
      },
    },
    runMs: 48 * hourMs,
    stepMs: cloudStepMs,
    points: longPoints,
    trailing: {},
    isCounted: true,
    windows,
  };
}

const nabGroups: readonly (readonly [RegExp, SignalGroup])[] = [
  [/cpu_utilization/, 'host cpu'],
  [/request_latency/, 'latency'],
  [/elb_request_count|Twitter_volume/, 'request rate'],
];

function cutNab({ name, atMs, values, windows }: NabSeries, group: SignalGroup): Window[] {
  const startMs = atMs[0] as number;
  const length = Math.floor(((atMs.at(-1) as number) - startMs) / cloudStepMs) + 1;
  const grid = new Float64Array(length).fill(Number.NaN);
  const clean = new Uint8Array(length).fill(1);
  atMs.forEach((instant, row) => {
    const at = Math.floor((instant - startMs) / cloudStepMs);
    grid[at] = values[row] as number;
    if (windows.some(({ first, last }) => row >= first && row <= last)) clean[at] = 0;
  });
  const cut: Window[] = [];
  for (let from = 0; from + longPoints <= length; ) {
    const dirty = clean.subarray(from, from + longPoints).lastIndexOf(0);
    if (dirty < 0) {
      cut.push({ group, entity: name, values: grid.slice(from, from + longPoints) });
      from += longPoints;
    } else from += dirty + 1;
  }
  return cut;
}

/** The web site of the 1998 World Cup: requests per minute over twelve weeks, summed to 5 min. */
function loadWorldCup(dir: string): RecordedSet {
  const [, ...rows] = readTable(join(dir, 'worldcup98', 'invocation_count.csv'));
  const startMs = minuteOf(rows[0]);
  const minutesPerPoint = cloudStepMs / 60_000;
  const length = Math.floor((minuteOf(rows.at(-1)) - startMs) / cloudStepMs);
  const sums = new Float64Array(length);
  const seen = new Uint8Array(length);
  for (const row of rows) {
    const at = Math.floor((minuteOf(row) - startMs) / cloudStepMs);
    if (at >= length) continue;
    sums[at] = (sums[at] as number) + numberOf(row[1]);
    seen[at] = (seen[at] as number) + 1;
  }
  const grid = sums.map((sum, at) => (seen[at] === minutesPerPoint ? sum : Number.NaN));
  const count = Math.floor(length / longPoints);
  return {
    name: 'World Cup',
    load: {},
    demand: {
      // As much as one site's front end can take; the recorded one had up to 590.
      perSec: [10, 60],
      workload: {
        dailySwing: 0.35,
        noiseSd: 0.2,
        noiseSlope: 1.2,
        dispersion: 2,
        crowdsPerDay: 1,
        largestCrowd: 5,
      },
    },
    runMs: 48 * hourMs,
    stepMs: cloudStepMs,
    points: longPoints,
    trailing: {},
    isCounted: true,
    windows: Array.from({ length: count }, (_, i) => ({
      group: 'request rate',
      // One site only: fortnights stand for entities, as its traffic grew and went.
      entity: `fortnight ${Math.floor(i / 7)}`,
      values: grid.slice(i * longPoints, (i + 1) * longPoints),
    })),
  };
}

function minuteOf(row: readonly string[] | undefined): number {
  return Date.parse(`${(row?.[0] ?? '').replace(' ', 'T')}Z`);
}

function listFolder(dir: string): string[] {
  if (!existsSync(dir)) throw missing(dir);
  return readdirSync(dir).sort();
}

/** A file of plain commas; no field of these sets is quoted. */
function readTable(file: string): string[][] {
  if (!existsSync(file)) throw missing(file);
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.split(','));
}

function missing(path: string): InputError {
  return new InputError(`recordings: expected ${path}, found none`, { hint });
}

/** NaN for an empty cell. */
function numberOf(cell: string | undefined): number {
  return cell === undefined || cell === '' ? Number.NaN : Number(cell);
}
