import { parsePolicies } from '../healers/index.ts';
import type { TrialRequest } from '../lab/index.ts';
import { expectedUtilization, loadScenario, loadTopology } from '../scenarios/index.ts';

/** Above this share of a CPU limit in good health, every disturbance is an overload. */
const busyShare = 0.8;

/**
 * Checks what the trials of a command will read, before any of them starts, and says once on stderr
 * what is legal there but probably not meant.
 */
export function warnAboutInputs(
  stack: Omit<TrialRequest, 'scenario' | 'seed'>,
  scenarios: readonly string[],
): void {
  const { policy, manifestsDir } = stack;
  const notes = parsePolicies(policy.text, policy.file).warnings.map(
    ({ message, position: { file, line, column } }) => `${file}:${line}:${column}: ${message}`,
  );
  const busy = scenarios.flatMap((name) => {
    const { topology, workload } = loadScenario(name);
    return manifestsDir ? busyServices(topology, manifestsDir, workload) : [];
  });
  for (const note of new Set([...notes, ...busy])) process.stderr.write(`warning: ${note}\n`);
}

function busyServices(
  topology: string,
  manifestsDir: string,
  workload: ReturnType<typeof loadScenario>['workload'],
): string[] {
  return expectedUtilization(loadTopology(topology, { manifestsDir, workload })).flatMap(
    ({ service, utilization, requestsPerSec }) =>
      utilization !== null && utilization > busyShare
        ? [
            `${service} will use ${Math.round(utilization * 100)} % of its CPU limit in good health, ` +
              `at ${requestsPerSec.toFixed(1)} requests/s (manifests of ${manifestsDir})`,
          ]
        : [],
  );
}
