import type { ComponentId } from './component.ts';
import type { KindMap } from './kubernetes.ts';

/**
 * What operators can do beside Kubernetes: the procedures of the platform's runbook image. Each is
 * a Job, so that it is seen, authorised and logged like any other write.
 */
export const procedures = [
  'reboot_node',
  'restart_kubelet',
  'restart_container_runtime',
  'restart_kube_proxy',
  'restart_scheduler',
  'restart_coredns',
  'clean_disk',
  'expand_volume',
  'fail_over_database',
  'end_blocking_session',
  'rebuild_index',
  'raise_connection_limit',
  'flush_cache',
  'warm_cache',
  'skip_record',
  'rotate_credentials',
  'grant_privileges',
  'renew_certificate',
  'synchronise_clock',
  'flush_conntrack',
  'shift_traffic_to_scrubber',
  'stop_job',
] as const;

export type Procedure = (typeof procedures)[number];

/** The platform's own scheduler, so that its Jobs run when the cluster's does not. */
export const runbookScheduler = 'platform-scheduler';

/** The Job that carries a procedure out on a component; `ordinal` keeps names apart. */
export function runbookJob(
  procedure: Procedure,
  target: ComponentId,
  ordinal: number,
): KindMap['Job'] {
  const name = `runbook-${procedure.replaceAll('_', '-')}-${ordinal}`;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'default', labels: { app: 'runbook' } },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { labels: { app: 'runbook' } },
        spec: {
          restartPolicy: 'Never',
          schedulerName: runbookScheduler,
          containers: [
            { name: 'runbook', image: 'platform/runbook:v1.0.0', args: [procedure, target] },
          ],
        },
      },
    },
  };
}

/** What a Job asks for; null when it is not one of the runbook's. */
export function procedureOf(
  job: KindMap['Job'],
): { readonly procedure: Procedure; readonly target: ComponentId } | null {
  if (job.metadata?.labels?.app !== 'runbook') return null;
  const [procedure, target] = job.spec?.template.spec?.containers[0]?.args ?? [];
  const known = procedures.find((name) => name === procedure);
  return known && target !== undefined ? { procedure: known, target } : null;
}
