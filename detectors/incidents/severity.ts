import type { Anomaly, Severity, SignalName } from '../../core/observable/index.ts';
import { componentKind, severities, signalSpec } from '../../core/observable/index.ts';

/** Share of failed user requests that is critical whatever else is seen. */
const criticalUserErrorRatio = 0.1;

/** Not symptoms yet, but they announce an outage. */
const harbingers: ReadonlySet<string> = new Set<SignalName>(['node_ready', 'memory_utilization']);

/**
 * Symptoms and harbingers start at warning, the rest at info; two or more signals of one component
 * that agree raise it by one; a tenth of all user requests failing is critical at once.
 */
export function severityOf(anomalies: readonly Anomaly[]): Severity {
  let rank = 0;
  const signals = new Map<string, Set<string>>();
  for (const { component, signal, value } of anomalies) {
    if (signal === 'user_error_ratio' && value >= criticalUserErrorRatio) return 'critical';
    const agreeing = (signals.get(component) ?? new Set<string>()).add(signal);
    signals.set(component, agreeing);
    const isUser = componentKind(component) === 'user';
    const start = signalSpec(signal).role === 'symptom' || harbingers.has(signal) ? 1 : 0;
    const raised = start + (agreeing.size >= 2 ? 1 : 0);
    // Only users' own trouble is critical: a service may be slow without anybody noticing.
    rank = Math.max(rank, isUser ? raised : Math.min(raised, 1));
  }
  return severities[rank]!;
}

/** The graver of two. */
export function graver(a: Severity, b: Severity): Severity {
  return severities.indexOf(a) >= severities.indexOf(b) ? a : b;
}
