import { createStream, type Stream } from '../../../core/tools/index.ts';
import { type ResourceSeries, visibleFrom } from './resource-series.ts';

const intervalMs = 15_000;
/** Six hours. */
const points = 1440;
const perMinute: number = 60_000 / intervalMs;
const dayPoints: number = 1440 * perMinute;
/** Two and a half hours of ordinary life come first. */
const ordinaryPoints: number = 150 * perMinute;
/** The background alone never comes closer to the limit than this. */
const backgroundMax = 0.93;

/** A growth that begins out of nothing and ends at the limit, or before it. */
interface Growth {
  readonly onset: number;
  readonly levels: Float64Array;
}

interface Kind {
  readonly resource: ResourceSeries['resource'];
  readonly name: string;
  /** What the resource does when nothing is wrong. */
  readonly background: (stream: Stream) => Float64Array;
  readonly growth: (stream: Stream) => Growth | null;
  /** Standard deviation of a value around what it stands for, and how much of it lasts (AR(1)). */
  readonly noise: (stream: Stream) => { readonly size: number; readonly lasting: number };
}

const uniform = (stream: Stream, low: number, high: number): number =>
  low + (high - low) * stream.next();
const logUniform = (stream: Stream, low: number, high: number): number =>
  low * Math.exp(Math.log(high / low) * stream.next());
const drawn = (make: (i: number) => number): Float64Array =>
  Float64Array.from({ length: points }, (_, i) => make(i));
const flat = (): Growth | null => null;

/**
 * What disks, memories, pools and queues do, by mechanism. Half of the kinds run out in some or all
 * draws; the others climb and turn. Rates, periods and sizes are drawn anew per seed.
 */
const kinds: readonly Kind[] = [
  { resource: 'disk', name: 'quiet', background: disk, growth: flat, noise: diskNoise },
  { resource: 'disk', name: 'filling', background: disk, growth: filling, noise: diskNoise },
  { resource: 'disk', name: 'passing job', background: disk, growth: passing, noise: diskNoise },
  { resource: 'disk', name: 'rotated logs', background: rotated, growth: flat, noise: diskNoise },
  {
    resource: 'disk',
    name: 'rotated, filling',
    background: rotated,
    growth: filling,
    noise: diskNoise,
  },
  {
    resource: 'memory',
    name: 'collected',
    background: collected,
    growth: flat,
    noise: memoryNoise,
  },
  {
    resource: 'memory',
    name: 'collected, leaking',
    background: collected,
    growth: filling,
    noise: memoryNoise,
  },
  { resource: 'memory', name: 'leaking', background: resting, growth: filling, noise: memoryNoise },
  {
    resource: 'memory',
    name: 'warming up',
    background: resting,
    growth: levelling,
    noise: memoryNoise,
  },
  { resource: 'pool', name: 'daily load', background: daily, growth: flat, noise: poolNoise },
  { resource: 'pool', name: 'step', background: daily, growth: step, noise: poolNoise },
  { resource: 'pool', name: 'leaking', background: daily, growth: filling, noise: poolNoise },
  { resource: 'queue', name: 'bursts', background: bursts, growth: flat, noise: queueNoise },
  {
    resource: 'queue',
    name: 'stuck consumer',
    background: drained,
    growth: filling,
    noise: queueNoise,
  },
  {
    resource: 'queue',
    name: 'slow for a while',
    background: drained,
    growth: passing,
    noise: queueNoise,
  },
];

/** Generated resources, one of each kind: six hours each, or until they run out. */
export function generateSeries(seed: number): ResourceSeries[] {
  return kinds.map((kind) => play(kind, createStream(seed, `${kind.resource}/${kind.name}`)));
}

function play(kind: Kind, stream: Stream): ResourceSeries {
  const background = kind.background(stream);
  const most = Math.max(...background);
  if (most > backgroundMax) {
    for (let i = 0; i < points; i += 1) background[i]! *= backgroundMax / most;
  }
  const growth = kind.growth(stream);
  const { size, lasting } = kind.noise(stream);
  const truth = growth ? drawn((i) => background[i]! + growth.levels[i]!) : background;
  const full = truth.findIndex((level) => level >= 1);
  const noise = echoing(stream, size, lasting);
  const values = drawn((i) => Math.max(0, Math.min(1, truth[i]! + noise[i]!)));
  const isFull = full >= 0 && growth !== null;
  return {
    resource: kind.resource,
    source: `generated ${kind.name}`,
    intervalMs,
    values: isFull ? values.subarray(0, full + 1) : values,
    judgedFrom: ordinaryPoints,
    exhaustedAt: isFull ? full : null,
    visibleAt: isFull
      ? visibleFrom(growth.levels, {
          onset: growth.onset,
          noise: Math.hypot(size, usualDeviation(background, growth.onset)),
          intervalMs,
        })
      : null,
  };
}

/**
 * How far the background usually is from where it is in the mean: the last half hour's deviation.
 */
function usualDeviation(background: Float64Array, until: number): number {
  const recent = background.subarray(until - 30 * perMinute, until);
  const mean = recent.reduce((sum, level) => sum + level, 0) / recent.length;
  const squares = recent.reduce((sum, level) => sum + (level - mean) ** 2, 0);
  return Math.sqrt(squares / recent.length);
}

function echoing(stream: Stream, size: number, lasting: number): Float64Array {
  let last = 0;
  const fresh = Math.sqrt(1 - lasting * lasting);
  return drawn(() => {
    last = lasting * last + fresh * stream.normal();
    return size * last;
  });
}

function diskNoise(stream: Stream): ReturnType<Kind['noise']> {
  return { size: logUniform(stream, 0.0003, 0.003), lasting: uniform(stream, 0, 0.8) };
}
function memoryNoise(stream: Stream): ReturnType<Kind['noise']> {
  return { size: logUniform(stream, 0.001, 0.015), lasting: uniform(stream, 0, 0.6) };
}
function poolNoise(stream: Stream): ReturnType<Kind['noise']> {
  return { size: logUniform(stream, 0.01, 0.05), lasting: uniform(stream, 0, 0.5) };
}
function queueNoise(stream: Stream): ReturnType<Kind['noise']> {
  return { size: logUniform(stream, 0.001, 0.01), lasting: uniform(stream, 0, 0.5) };
}

/** A disk that takes a little more by the hour, and a backup of which some is thrown away. */
function disk(stream: Stream): Float64Array {
  const base = uniform(stream, 0.25, 0.8);
  const perPoint = uniform(stream, 0, 0.01) / (60 * perMinute);
  const jobAt = stream.integer(points);
  const jobSize = stream.next() < 0.3 ? uniform(stream, 0.02, 0.08) : 0;
  return drawn((i) => base + perPoint * i + (i >= jobAt && i < jobAt + 80 ? jobSize : 0));
}

/** Logs that are thrown away when they are old or large enough. */
function rotated(stream: Stream): Float64Array {
  const base = disk(stream);
  const tooth = sawtooth(stream, uniform(stream, 15, 90), uniform(stream, 0.03, 0.25));
  return drawn((i) => base[i]! + tooth[i]!);
}

/** A runtime that collects its garbage when there is enough of it. */
function collected(stream: Stream): Float64Array {
  const base = uniform(stream, 0.3, 0.6);
  const tooth = sawtooth(stream, logUniform(stream, 2, 25), uniform(stream, 0.05, 0.3));
  return drawn((i) => base + tooth[i]!);
}

function resting(stream: Stream): Float64Array {
  const base = uniform(stream, 0.25, 0.65);
  return drawn(() => base);
}

function drained(stream: Stream): Float64Array {
  const base = uniform(stream, 0.005, 0.05);
  return drawn(() => base);
}

/** Load of one day, from some hour of it on. */
function daily(stream: Stream): Float64Array {
  const base = uniform(stream, 0.25, 0.55);
  const swing = uniform(stream, 0.1, 0.45);
  const from = stream.next();
  return drawn((i) => base * (1 + swing * Math.sin(2 * Math.PI * (from + i / dayPoints))));
}

/** Batches that fill the queue within minutes and are worked off. */
function bursts(stream: Stream): Float64Array {
  const every = Math.round(uniform(stream, 40, 120) * perMinute);
  const size = uniform(stream, 0.2, 0.7);
  const rise = uniform(stream, 0.02, 0.15);
  return drawn((i) => {
    const phase = (i % every) / every;
    const height = phase < rise ? phase / rise : Math.max(0, 1 - (phase - rise) / (2 * rise));
    return 0.02 + size * height;
  });
}

/** Teeth of unequal height and length, since load is never constant. */
function sawtooth(stream: Stream, periodMinutes: number, height: number): Float64Array {
  let level = height * stream.next();
  let top = height;
  let rate = height / (periodMinutes * perMinute);
  return drawn(() => {
    level += rate;
    if (level >= top) {
      level = 0;
      top = height * uniform(stream, 0.85, 1.05);
      rate = (height / (periodMinutes * perMinute)) * uniform(stream, 0.8, 1.25);
    }
    return level;
  });
}

/** Some time in the hour after ordinary life. */
function drawOnset(stream: Stream): number {
  return ordinaryPoints + Math.round(uniform(stream, 0, 60) * perMinute);
}

/** Grows until it is full, 6 min to 2.5 h, at a rate that wanders by a fifth. */
function filling(stream: Stream): Growth {
  const onset = drawOnset(stream);
  const perPoint = 0.6 / (logUniform(stream, 6, 150) * perMinute);
  let level = 0;
  let wander = 0;
  const levels = drawn((i) => {
    wander = 0.98 * wander + 0.2 * 0.2 * stream.normal();
    if (i > onset) level += perPoint * Math.exp(wander);
    return level;
  });
  return { onset, levels };
}

/** Climbs steadily for 5 to 40 min and is gone again: a job's files, a slow consumer. */
function passing(stream: Stream): Growth {
  const onset = drawOnset(stream);
  const climb = Math.round(uniform(stream, 5, 40) * perMinute);
  const stay = Math.round(uniform(stream, 0, 20) * perMinute);
  const size = uniform(stream, 0.03, 0.2);
  return {
    onset,
    levels: drawn((i) => {
      const since = i - onset;
      if (since <= 0 || since > climb + stay) return 0;
      return size * Math.min(1, since / climb);
    }),
  };
}

/** Rises quickly at first and then less and less: caches, warm-up, compaction. */
function levelling(stream: Stream): Growth {
  const onset = drawOnset(stream);
  const time = logUniform(stream, 3, 40) * perMinute;
  const size = uniform(stream, 0.1, 0.3);
  return {
    onset,
    levels: drawn((i) => (i <= onset ? 0 : size * -Math.expm1(-(i - onset) / time))),
  };
}

/** More load from one minute to some minutes later. */
function step(stream: Stream): Growth {
  const onset = drawOnset(stream);
  const ramp = uniform(stream, 0, 6) * perMinute;
  const size = uniform(stream, 0.1, 0.25);
  return {
    onset,
    levels: drawn((i) => (i <= onset ? 0 : size * Math.min(1, (i - onset) / Math.max(1, ramp)))),
  };
}
