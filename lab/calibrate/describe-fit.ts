import type { Assumption } from './assumptions.ts';
import type { Calibration } from './calibrate.ts';
import type { ServiceFit } from './check-fit.ts';
import type { Recovered } from './recovery.ts';

/** What `fit.json` holds. */
export interface FitReport {
  readonly schemaVersion: 1;
  readonly topology: string;
  readonly workload: Calibration['fitted']['spec']['workload'];
  readonly requestsFrom: Calibration['fitted']['rates']['source'];
  readonly services: readonly (ServiceFit & {
    readonly cpuMsPerRequest: number | null;
    readonly cpuMsError: number | null;
    readonly idleCores: number | null;
    readonly cpuUtilization: number | null;
    readonly split: string | null;
  })[];
  readonly assumptions: readonly Assumption[];
  readonly notes: readonly string[];
  readonly traces: { readonly traces: number; readonly broken: number; readonly spans: number };
  readonly ignoredMetrics: Readonly<Record<string, number>>;
  readonly skippedKinds: Readonly<Record<string, number>>;
  /** Against the topology behind the data, when that is known. */
  readonly recovery: readonly Recovered[] | null;
}

export function describeFit(
  calibration: Calibration,
  recovery: readonly Recovered[] | null,
): FitReport {
  const { fitted, services, traces, metrics, skippedKinds } = calibration;
  return {
    schemaVersion: 1,
    topology: fitted.spec.name,
    workload: fitted.spec.workload,
    requestsFrom: fitted.rates.source,
    services: services.map((fit) => {
      const work = fitted.work.get(fit.service);
      return {
        ...fit,
        cpuMsPerRequest: work?.meanCpuMs ?? null,
        cpuMsError: work?.cpuErrorMs ?? null,
        idleCores: work?.idleCores ?? null,
        cpuUtilization: work?.utilization ?? null,
        split: work?.split ?? null,
      };
    }),
    assumptions: fitted.assumptions,
    notes: fitted.notes,
    traces: { traces: traces.traces, broken: traces.brokenTraces, spans: traces.spans },
    ignoredMetrics: Object.fromEntries(metrics.ignored),
    skippedKinds: Object.fromEntries(skippedKinds),
    recovery,
  };
}
