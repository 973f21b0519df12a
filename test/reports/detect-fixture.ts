import type { Incident, SeriesCurve, SeriesReport } from '../../core/observable/index.ts';

const startMs = Date.UTC(2026, 2, 1);
const minuteMs = 60_000;

const incident: Incident = {
  id: 'inc-1',
  openedAtMs: startMs + 60 * minuteMs,
  updatedAtMs: startMs + 75 * minuteMs,
  closedAtMs: null,
  severity: 'warning',
  component: 'service/shop',
  components: ['service/shop'],
  anomalies: ['queue', 'latency', 'errors', 'retries'].map((signal, i) => ({
    atMs: startMs + 60 * minuteMs,
    component: 'service/shop',
    signal: signal as Incident['anomalies'][number]['signal'],
    labels: {},
    value: 100 - i,
    expected: 20,
    zScore: 30 - i,
    detector: 'default',
  })),
  summary: [],
};

/** Two series of two hours and one incident, as `detect` reports them. */
export function fixtureDetection(): { report: SeriesReport; curves: readonly SeriesCurve[] } {
  const atMs = Array.from({ length: 120 }, (_, i) => startMs + i * minuteMs);
  const curves = ['queue', 'latency'].map((signal, number) => {
    const values = atMs.map((_, i) => (i === 30 ? null : 20 + (i % 7) + (i === 60 ? 80 : 0)));
    return {
      signal,
      component: 'service/shop',
      atMs,
      values,
      low: values.map((_, i) => (i < 40 ? null : 10)),
      high: values.map((_, i) => (i < 40 ? null : 40)),
      anomalies: number === 0 ? [{ atMs: startMs + 60 * minuteMs, value: 100 }] : [],
    };
  });
  const report: SeriesReport = {
    schemaVersion: 1,
    file: 'exports/series.csv',
    detector: 'default',
    fromMs: startMs,
    untilMs: startMs + 119 * minuteMs,
    intervalMs: minuteMs,
    frames: 120,
    framesSkipped: 0,
    series: curves.map(({ signal, component, anomalies }) => {
      return { signal, component, labels: {}, points: 119, anomalies: anomalies.length };
    }),
    incidents: [incident],
  };
  return { report, curves };
}
