import type { RunRecord } from '../core/truth/index.ts';
import { analyseLogPatterns, analyseTrace, pickSlowTrace } from '../rca/index.ts';
import type { HealingLoop } from './loop.ts';

/** Logs and spans around the first diagnosis, kept because a report shows them. */
export function collectExhibits(loop: HealingLoop): RunRecord['exhibits'] {
  const { logs, spans } = loop.evidenceAtDiagnosis ?? {
    logs: loop.logs.items,
    spans: loop.spans.items,
  };
  const traceId = pickSlowTrace(spans);
  const patterns = analyseLogPatterns(logs);
  return {
    slowTrace: traceId === null ? [] : spans.filter((span) => span.traceId === traceId),
    slowTraceFindings: traceId === null ? [] : analyseTrace(spans, traceId).findings,
    logPatterns: {
      total: patterns.total,
      distribution: patterns.distribution,
      firstLines: patterns.firstLines,
    },
  };
}
