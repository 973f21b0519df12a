import type { ComponentId, Suspect, Topology } from '../core/observable/index.ts';
import { componentKind, componentName } from '../core/observable/index.ts';
import type { RunRecord, Scorecard } from '../core/truth/index.ts';

export interface JudgedSuspect {
  readonly rank: number;
  readonly component: ComponentId;
  readonly weight: number;
  readonly why: string;
  /** It is one of the accepted root causes. */
  readonly right: boolean;
  /** What the localizer said besides; null where the record has no such diagnosis. */
  readonly detail: Suspect | null;
}

/** The graded ranking, each suspect with whether it is right. */
export function judgeSuspects(record: RunRecord, scorecard: Scorecard): readonly JudgedSuspect[] {
  const details = new Map<string, Suspect>();
  for (const event of record.events) {
    if (event.type !== 'diagnosed') continue;
    for (const suspect of event.diagnosis.suspects) {
      const key = `${suspect.component} ${suspect.weight}`;
      if (!details.has(key)) details.set(key, suspect);
    }
  }
  return scorecard.diagnosis.suspects.map(({ component, weight, why }, i) => ({
    rank: i + 1,
    component,
    weight,
    why,
    right: record.truth.rootCauses.includes(component),
    detail: details.get(`${component} ${weight}`) ?? null,
  }));
}

/**
 * The service that a component belongs to: itself, or the longest service or workload name at the
 * start of a pod's, release's or config's name; null for zones, nodes, edges and users.
 */
export function serviceOf(topology: Topology, component: ComponentId): string | null {
  const kind = componentKind(component);
  if (kind === 'zone' || kind === 'node' || kind === 'edge' || kind === 'user') return null;
  const name =
    kind === 'pod' ? componentName(component).replace(/^[^/]*\//, '') : componentName(component);
  let best: { service: string; length: number } | null = null;
  for (const { name: service, workload } of topology.services) {
    for (const candidate of [service, workload]) {
      if (name !== candidate && !new RegExp(`^${escapePattern(candidate)}[^a-z0-9]`).test(name))
        continue;
      if (!best || candidate.length > best.length) best = { service, length: candidate.length };
    }
  }
  return best?.service ?? null;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
