import type { Evidence, FaultClass } from '../core/observable/index.ts';
import { formatDuration } from '../core/tools/index.ts';
import { createAccuser, isErrorLine } from './log-patterns.ts';
import { findMemoryTrouble, type MemoryTrouble } from './memory-growth.ts';
import { ramp } from './ramp.ts';
import type { Term } from './ranking.ts';
import { findRecentChanges, type RecentChange } from './recent-changes.ts';
import { findServiceSymptoms, type ServiceSymptoms } from './service-symptoms.ts';
import type { ShiftReader } from './shifts.ts';
import { blameByTraces, type ServiceBlame, type TraceBlame } from './trace-blame.ts';
import type { Windows } from './windows.ts';

/** Everything that speaks against one service. */
export interface ServiceCase {
  readonly service: string;
  readonly terms: readonly Term[];
  readonly faultClass: FaultClass;
  /** The nearest change to it before the incident. */
  readonly change: RecentChange | null;
  readonly cpuUtilization: number;
}

/** Strengths (0 to 1) that several terms and the fault class are made of. */
interface Strengths {
  readonly ownLatency: number;
  readonly pathLatency: number;
  readonly ownErrors: number;
  readonly pathErrors: number;
  readonly tracesLatency: number;
  readonly tracesPath: number;
  readonly tracesErrors: number;
  readonly memory: number;
  readonly restarts: number;
  readonly logs: number;
}

const noTrouble: MemoryTrouble = { growth: 0, grownBy: 0, restarts: 0, outOfMemory: false };
const noBlame: ServiceBlame = { ownExcessMs: 0, networkExcessMs: 0, failures: 0, failureRatio: 0 };

/** Weighs the evidence against every service of the topology, in its order. */
export function studyServices(
  evidence: Evidence,
  windows: Windows,
  shifts: ShiftReader,
): readonly ServiceCase[] {
  const traces = blameByTraces(evidence.spans, windows);
  const troubles = findMemoryTrouble(evidence);
  const changes = new Map(findRecentChanges(evidence).map((change) => [change.service, change]));
  const accusations = countAccusations(evidence, windows);
  const symptoms = findServiceSymptoms(evidence.topology, shifts);
  const strengths = new Map(
    symptoms.map((symptom) => [
      symptom.service,
      measureStrengths(symptom, traces, troubles.get(symptom.service) ?? noTrouble, accusations),
    ]),
  );
  return symptoms.map((symptom) => {
    const own = softenByCallees(symptom.service, strengths, evidence);
    const change = changes.get(symptom.service) ?? null;
    return {
      service: symptom.service,
      terms: termsOf(symptom, own, {
        traces,
        change,
        trouble: troubles.get(symptom.service) ?? noTrouble,
      }),
      faultClass: classify(symptom, own, change),
      change,
      cpuUtilization: symptom.cpuUtilization,
    };
  });
}

/** Share of recent error lines that accuse each service, as far as there are more than before. */
function countAccusations(
  { logs, topology }: Evidence,
  windows: Windows,
): ReadonlyMap<string, number> {
  const accusedBy = createAccuser(topology);
  const counts = new Map<string, number>();
  let recent = 0;
  let before = 0;
  for (const record of logs) {
    if (!isErrorLine(record)) continue;
    if (record.atMs <= windows.baselineUntilMs) before += 1;
    if (record.atMs <= windows.recentFromMs || record.atMs > windows.untilMs) continue;
    const service = accusedBy(record);
    recent += 1;
    counts.set(service, (counts.get(service) ?? 0) + 1);
  }
  // Ten error lines more than in all of the time before make the voice count fully.
  const loudness = ramp(recent - before / 4, 0, 10);
  return new Map([...counts].map(([service, count]) => [service, (loudness * count) / recent]));
}

function measureStrengths(
  symptom: ServiceSymptoms,
  traces: TraceBlame,
  trouble: MemoryTrouble,
  accusations: ReadonlyMap<string, number>,
): Strengths {
  const blame = traces.services.get(symptom.service) ?? noBlame;
  const failureShare = traces.totalFailures === 0 ? 0 : blame.failures / traces.totalFailures;
  const failing = 1 - Math.exp(-blame.failureRatio / 0.05);
  return {
    ownLatency: symptom.ownLatency,
    pathLatency: symptom.pathLatency,
    ownErrors: symptom.ownErrors,
    pathErrors: symptom.pathErrors,
    tracesLatency: excessStrength(blame.ownExcessMs, traces),
    tracesPath: excessStrength(blame.networkExcessMs, traces),
    tracesErrors: failing * ramp(blame.failures, 1, 4) * (0.3 + 0.7 * failureShare),
    memory: trouble.growth,
    restarts: trouble.outOfMemory ? 1 : ramp(trouble.restarts, 0, 3),
    logs: accusations.get(symptom.service) ?? 0,
  };
}

/** The service's share of the extra time, as far as there is notable extra time at all. */
function excessStrength(excessMs: number, traces: TraceBlame): number {
  if (!(excessMs > 0) || traces.totalExcessMs <= 0) return 0;
  const growth = traces.totalExcessMs / Math.max(traces.baselineMs, 1);
  return (excessMs / traces.totalExcessMs) * ramp(growth, 0.15, 0.8);
}

/**
 * A service that waits for a slow or unreachable callee queues, rejects and times out by itself;
 * that part of its own symptoms is taken off.
 */
function softenByCallees(
  service: string,
  strengths: ReadonlyMap<string, Strengths>,
  { topology }: Evidence,
): Strengths {
  const own = strengths.get(service) as Strengths;
  let excuse = 0;
  for (const { from, to } of topology.calls) {
    const callee = from === service ? strengths.get(to) : undefined;
    if (!callee || to === service) continue;
    const slow = Math.max(callee.tracesPath, callee.tracesLatency);
    excuse = Math.max(excuse, slow, 0.6 * Math.max(callee.pathLatency, callee.pathErrors));
  }
  const left = 1 - 0.7 * excuse;
  return {
    ...own,
    ownLatency: own.ownLatency * left,
    ownErrors: own.ownErrors * left,
    tracesLatency: own.tracesLatency * left,
  };
}

function termsOf(
  symptom: ServiceSymptoms,
  s: Strengths,
  context: { traces: TraceBlame; change: RecentChange | null; trouble: MemoryTrouble },
): readonly Term[] {
  const { traces, change, trouble } = context;
  const { service } = symptom;
  const blame = traces.services.get(service) ?? noBlame;
  const percent = Math.round(100 * trouble.grownBy);
  const terms: Term[] = [
    { value: s.ownLatency, weight: 0.35, reason: 'slower by itself than its callees explain' },
    { value: s.pathLatency, weight: 0.5, reason: 'callers wait longer than it takes' },
    { value: s.ownErrors, weight: 0.5, reason: 'fails more than its failing calls explain' },
    { value: s.pathErrors, weight: 0.4, reason: 'calls to it fail that it does not see' },
    {
      value: s.tracesLatency,
      weight: 0.6,
      reason: `traces spend ${Math.round(blame.ownExcessMs)} ms more inside it`,
    },
    {
      value: s.tracesPath,
      weight: 0.65,
      reason: `traces lose ${Math.round(blame.networkExcessMs)} ms more on the way to it`,
    },
    {
      value: s.tracesErrors,
      weight: 0.6,
      reason: `${blame.failures} of ${traces.totalFailures} failures in traces begin here`,
    },
    { value: s.memory, weight: 0.7, reason: `memory climbed by ${percent} % of its limit` },
    { value: s.restarts, weight: 0.5, reason: restartReason(trouble) },
    { value: s.logs, weight: 0.25, reason: 'error lines accuse it' },
  ];
  if (change) terms.push(changeTerm(change, s, traces));
  return terms;
}

function restartReason({ restarts, outOfMemory }: MemoryTrouble): string {
  return `${restarts} container restarts${outOfMemory ? ', out of memory' : ''}`;
}

/**
 * A change counts as far as the changed service itself is in trouble, more if the new release is.
 */
function changeTerm(recent: RecentChange, s: Strengths, traces: TraceBlame): Term {
  const { change, ageMs, proximity } = recent;
  const trouble = Math.max(
    s.ownErrors,
    s.tracesErrors,
    s.ownLatency,
    s.tracesLatency,
    s.memory,
    0.8 * s.restarts,
  );
  const worse = newReleaseIsWorse(recent.service, change.release, traces);
  const when = ageMs < 0 ? 'as the incident opened' : `${formatDuration(ageMs)} before`;
  return {
    value: proximity * trouble * (0.7 + 0.3 * worse),
    weight: 0.75,
    reason: `${change.summary} (${when})`,
  };
}

/** 0 to 1: how much more often requests fail in the new release than in the service's others. */
function newReleaseIsWorse(service: string, release: string | null, traces: TraceBlame): number {
  let visits = 0;
  let failures = 0;
  let newer = { visits: 0, failures: 0 };
  for (const [key, counts] of traces.releases) {
    if (key === `${service}@${release}`) newer = counts;
    else if (key.startsWith(`${service}@`)) {
      visits += counts.visits;
      failures += counts.failures;
    }
  }
  if (newer.visits === 0) return 0;
  const difference = newer.failures / newer.visits - failures / Math.max(1, visits);
  return ramp(difference, 0.01, 0.05);
}

function classify(
  { cpuUtilization, throttledRatio }: ServiceSymptoms,
  s: Strengths,
  change: RecentChange | null,
): FaultClass {
  if (Math.max(s.memory, s.restarts) >= 0.5) return 'memory_exhaustion';
  const errors = Math.max(s.ownErrors, s.tracesErrors);
  const inside = Math.max(s.ownLatency, s.tracesLatency);
  const path = Math.max(s.pathLatency, s.tracesPath);
  const isChanged = change !== null && change.proximity >= 0.3;
  if (isChanged && Math.max(errors, inside) >= Math.max(0.2, 0.5 * path)) return 'bad_release';
  if (path >= Math.max(0.2, errors, inside)) return 'network_latency';
  if (cpuUtilization > 0.85 || throttledRatio > 0.3) return 'cpu_saturation';
  if (Math.max(s.pathErrors, inside) >= 0.3) return 'dependency_failure';
  return 'unknown';
}
