import type { FaultClass, Localizer, LogRecord } from '../core/observable/index.ts';
import { analyseLogPatterns, createAccuser, isErrorLine } from './log-patterns.ts';
import { rankSuspects } from './ranking.ts';
import { actionsForService } from './runbook.ts';
import { windowsOf } from './windows.ts';

const linesMin = 3;

const classByPattern: Readonly<Record<string, FaultClass>> = {
  connection_timeout: 'dependency_failure',
  connection_refused: 'dependency_failure',
  out_of_memory: 'memory_exhaustion',
};

/**
 * Counts whom recent error lines accuse: the peer a connection failed to, otherwise the writer. A
 * service must be accused more often than before the incident. Fails for faults that only slow
 * things down, and for chatty services. Cost: O(lines).
 */
export const logPatterns: Localizer = {
  name: 'log_patterns',
  rank(evidence) {
    const windows = windowsOf(evidence);
    const accusedBy = createAccuser(evidence.topology);
    const recent = new Map<string, LogRecord[]>();
    const before = new Map<string, number>();
    for (const record of evidence.logs) {
      if (!isErrorLine(record) || record.atMs > windows.untilMs) continue;
      const service = accusedBy(record);
      if (record.atMs > windows.recentFromMs) {
        const lines = recent.get(service);
        if (lines) lines.push(record);
        else recent.set(service, [record]);
      } else if (record.atMs <= windows.baselineUntilMs) {
        before.set(service, (before.get(service) ?? 0) + 1);
      }
    }
    const excess = [...recent]
      .map(([service, lines]) => ({
        service,
        lines,
        count: lines.length - (before.get(service) ?? 0),
      }))
      .filter(({ count }) => count >= linesMin);
    const total = excess.reduce((sum, { count }) => sum + count, 0);
    const suspects = excess.map(({ service, lines, count }) => {
      const { dominant } = analyseLogPatterns(lines);
      const faultClass = classByPattern[dominant] ?? 'unknown';
      return {
        component: `service/${service}`,
        weight: count / total,
        faultClass,
        why: `${lines.length} recent error lines accuse it, mostly ${dominant}`,
        suggestedActions: actionsForService(evidence.topology, service, faultClass, false),
      };
    });
    return rankSuspects(suspects, 0);
  },
};
