import { InputError } from '../../core/tools/index.ts';
import type { ScenarioSelfTest, SelfTestReport } from '../../core/truth/index.ts';
import { WorkerPool } from '../worker-pool.ts';
import { worldKey } from '../world-key.ts';
import type { SelfTestRequest } from './tester.ts';

export interface SelfTestOptions {
  readonly scenarios: readonly string[];
  readonly seed: number;
  readonly jobs: number;
  readonly signal?: AbortSignal;
  /** Told of every scenario that is done. */
  readonly onDone?: (result: ScenarioSelfTest) => void;
}

/** Tests scenarios in worker threads; results come in the order of the scenarios. */
export async function runSelfTest(options: SelfTestOptions): Promise<SelfTestReport> {
  const { scenarios, seed } = options;
  const requests = scenarios.map((scenario) => ({ scenario, seed, impactOnly: false }));
  return summarise(seed, await playAll(requests, options));
}

/** On how many of the seeds users feel each scenario's faults when nobody acts. */
export async function measureImpact(
  options: Omit<SelfTestOptions, 'seed'> & { readonly seeds: readonly number[] },
): Promise<ReadonlyMap<string, { readonly felt: number; readonly seeds: number }>> {
  const requests = options.scenarios.flatMap((scenario) =>
    options.seeds.map((seed) => ({ scenario, seed, impactOnly: true })),
  );
  const results = await playAll(requests, options);
  const impacts = new Map<string, { felt: number; seeds: number }>();
  for (const { scenario, onsetMs, checks } of results) {
    const [problem] = checks;
    if (problem) throw new InputError(`${scenario}: ${problem.measured}`);
    const impact = impacts.get(scenario) ?? { felt: 0, seeds: 0 };
    impacts.set(scenario, {
      felt: impact.felt + (onsetMs === null ? 0 : 1),
      seeds: impact.seeds + 1,
    });
  }
  return impacts;
}

async function playAll(
  requests: readonly SelfTestRequest[],
  options: Pick<SelfTestOptions, 'jobs' | 'signal' | 'onDone'>,
): Promise<ScenarioSelfTest[]> {
  const script = new URL('./worker.ts', import.meta.url);
  const pool = new WorkerPool<SelfTestRequest, ScenarioSelfTest>(script, options);
  try {
    return await pool.play(requests, options.onDone, worldKey);
  } finally {
    await pool.close();
  }
}

function summarise(seed: number, scenarios: readonly ScenarioSelfTest[]): SelfTestReport {
  const checks = scenarios.flatMap((scenario) => scenario.checks);
  const count = (verdict: string): number =>
    checks.filter((check) => check.verdict === verdict).length;
  const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')];
  return { schemaVersion: 1, seed, passed, failed, skipped, scenarios };
}
