import type { MetricsFrame, Telemetry } from '../../core/observable/index.ts';
import { mean, RunningDigest, standardDeviation } from '../../core/tools/index.ts';
import type { Twin } from '../../sim/index.ts';

/** A series shows a fault when it differs in this many scrapes… */
const scrapesToDiffer = 2;
/** …by more than this many of its own standard deviations, and this share of its own mean. */
const deviations = 4;
const leastShare = 0.05;

/** All an observer gets from a fork until `untilMs`; at `forkAtMs` a copy takes its place. */
export async function record(
  world: Twin,
  faults: 'keep' | 'drop',
  untilMs: number,
  forkAtMs: number = untilMs,
): Promise<{ readonly telemetry: Telemetry; readonly digest: string }> {
  const start = world.fork({ faults, telemetry: true });
  const first = await start.advance(forkAtMs);
  if (forkAtMs === untilMs) return { telemetry: first, digest: digestOfRun(start, first) };
  const copy = start.fork({ faults: 'keep', telemetry: true });
  const telemetry = joined(first, await copy.advance(untilMs));
  return { telemetry, digest: digestOfRun(copy, telemetry) };
}

function joined(first: Telemetry, second: Telemetry): Telemetry {
  return {
    fromMs: first.fromMs,
    untilMs: second.untilMs,
    frames: [...first.frames, ...second.frames],
    logs: [...first.logs, ...second.logs],
    spans: [...first.spans, ...second.spans],
    events: [...first.events, ...second.events],
    changes: [...first.changes, ...second.changes],
  };
}

function digestOfRun(twin: Twin, { frames, logs, spans, events, changes }: Telemetry): string {
  const digest = new RunningDigest();
  for (const frame of frames) digest.addValues(frame.values);
  digest.addText(JSON.stringify([frames.at(-1)?.index.series, logs, spans, events, changes]));
  digest.addText(JSON.stringify([twin.truth.user.at(-1), twin.truth.service.at(-1)]));
  digest.addText(twin.exogenousDigest());
  return digest.hex();
}

/**
 * What an operator could notice of a fault, e.g. `error_ratio of service/cart`: series that differ
 * by more than they vary by themselves, and Warning events that only the faulty world has. That
 * somebody changed something is no sign: only the fault's own hand does so. Draws are equal in both
 * worlds, so nothing else can make a difference.
 */
export function findSigns(faulty: Telemetry, sound: Telemetry): string[] {
  const signs = [...differingSeries(faulty.frames, sound.frames)];
  const known = new Set(sound.events.map(({ reason, involved }) => `${reason} ${involved.name}`));
  for (const { type, reason, involved } of faulty.events) {
    const key = `${reason} ${involved.name}`;
    if (type === 'Warning' && !known.has(key)) signs.push(`event ${key}`);
  }
  return [...new Set(signs)];
}

function differingSeries(
  faulty: readonly MetricsFrame[],
  sound: readonly MetricsFrame[],
): Set<string> {
  const found = new Set<string>();
  const [a, b] = [columnsOf(faulty), columnsOf(sound)];
  for (const [key, values] of b) {
    const others = a.get(key) ?? new Float64Array(values.length).fill(Number.NaN);
    const present = values.filter((value) => !Number.isNaN(value));
    const limit = Math.max(
      deviations * standardDeviation(present),
      leastShare * Math.abs(mean(present)),
      1e-6,
    );
    let differing = 0;
    for (let i = 0; i < values.length; i += 1) {
      const [value, other] = [values[i] as number, others[i] as number];
      const isGap = Number.isNaN(value) !== Number.isNaN(other);
      if (isGap || Math.abs(value - other) > limit) differing += 1;
    }
    if (differing >= scrapesToDiffer) found.add(key.slice(0, key.indexOf('\n')));
  }
  return found;
}

/** Values by series; the first line of a key is for people, the rest tells series apart. */
function columnsOf(frames: readonly MetricsFrame[]): Map<string, Float64Array> {
  const columns = new Map<string, Float64Array>();
  const { series } = frames.at(-1)?.index ?? { series: [] };
  series.forEach(({ signal, component, labels }, column) => {
    const values = Float64Array.from(frames, (frame) => frame.values[column] ?? Number.NaN);
    columns.set(`${signal} of ${component}\n${JSON.stringify(labels)}`, values);
  });
  return columns;
}
