import type { Span, Telemetry } from '../core/observable/index.ts';
import type { LabEvent } from '../core/truth/index.ts';
import {
  AdaptiveSampler,
  RestartWatch,
  type SamplerTier,
  samplerTiers,
  type TraceAlarm,
  TraceWatch,
} from '../detectors/index.ts';

/** What the traces of a run showed, and which of them are worth keeping. */
interface TraceSurvey {
  readonly traces: number;
  readonly kept: number;
  readonly keptBy: Readonly<Record<SamplerTier, number>>;
  /** The first and the strongest alarm per detector, service and operation. */
  readonly alarms: readonly TraceAlarm[];
}

/**
 * Lets the sampler and the trace detectors see a run as they would have, scrape by scrape, with the
 * incidents that were open then; the spans of kept traces, and what to say of them.
 */
export function surveyTraces(
  telemetry: readonly Telemetry[],
  events: readonly LabEvent[],
): { readonly survey: TraceSurvey; readonly spans: readonly Span[] } {
  const sampler = new AdaptiveSampler();
  const watch = new TraceWatch();
  const restarts = new RestartWatch();
  const keptBy = Object.fromEntries(samplerTiers.map((tier) => [tier, 0])) as Record<
    SamplerTier,
    number
  >;
  const spans: Span[] = [];
  let traces = 0;
  let kept = 0;
  for (const { untilMs, spans: arrived, frames } of telemetry) {
    traces += new Set(arrived.map(({ traceId }) => traceId)).size;
    watch.observe(untilMs, arrived);
    const restarted = new Set(frames.flatMap((frame) => [...restarts.observe(frame)]));
    const reasons = { suspects: suspectsAt(events, untilMs), restarted };
    for (const { trace, tier } of sampler.observe(arrived, reasons)) {
      keptBy[tier] += 1;
      kept += 1;
      spans.push(...trace.spans);
    }
  }
  return { survey: { traces, kept, keptBy, alarms: watch.alarms }, spans };
}

/** The services that open incidents were filed under by then. */
function suspectsAt(events: readonly LabEvent[], atMs: number): Set<string> {
  const open = new Map<string, string>();
  for (const event of events) {
    if (event.atMs > atMs) break;
    if (event.type === 'incident_closed') open.delete(event.incident.id);
    else if (event.type === 'incident_opened' || event.type === 'incident_updated') {
      open.set(event.incident.id, event.incident.component);
    }
  }
  const services = [...open.values()].filter((component) => component.startsWith('service/'));
  return new Set(services.map((component) => component.slice('service/'.length)));
}
