import type { KindMap } from '../../core/observable/index.ts';
import { procedureOf } from '../../core/observable/index.ts';
import { parseInstantMs } from '../../core/tools/index.ts';
import { backOffUs } from './back-off.ts';
import { findCondition } from './conditions-list.ts';
import { collectGarbage } from './garbage.ts';
import { objectKey } from './kinds.ts';
import { ownedBy } from './object-index.ts';
import { createOwnedPod } from './owned-pods.ts';
import { deletePod } from './pod-deletion.ts';
import { isPodActive, isPodReady } from './pod-status.ts';
import { recordEvent } from './recorder.ts';
import { type Cluster, findObject, setTimer } from './state.ts';
import { dropObject, nowText, updateObject } from './store.ts';

type Job = KindMap['Job'];
type Pod = KindMap['Pod'];
type JobStatus = NonNullable<Job['status']>;
type Condition = NonNullable<JobStatus['conditions']>[number];

const manager = 'kube-controller-manager';
const source = 'job-controller';
/** A Job waits so long after its first failed pod, twice that after the second, … */
const waits = { firstUs: 10_000_000, longestUs: 600_000_000 };

/** One pass of the job controller: ends the Job, or makes the pods it lacks. */
export function syncJob(cluster: Cluster, key: string): void {
  const job = findObject(cluster, 'Job', key);
  if (job === undefined || job.metadata?.deletionTimestamp) return;
  if (isFinished(job)) {
    expire(cluster, job, key);
    return;
  }
  const tally = countPods(cluster, job);
  const end = endOf(cluster, job, tally);
  if (end !== undefined) {
    finish(cluster, job, { tally, end });
    return;
  }
  if (job.spec?.suspend) for (const pod of tally.active) deletePod(cluster, pod, { manager });
  else createMissing(cluster, job, { key, tally });
  armDeadline(cluster, job, key);
  const startTime = job.status?.startTime ?? nowText(cluster);
  postStatus(cluster, job, { ...statusOf(countPods(cluster, job)), startTime });
}

export function isFinished({ status }: Job): boolean {
  return ['Complete', 'Failed'].some(
    (type) => findCondition(status?.conditions, type)?.status === 'True',
  );
}

interface Tally {
  readonly active: readonly Pod[];
  readonly succeeded: number;
  readonly failed: number;
  /** When the last pod failed, as RFC 3339 text; empty when none did. */
  readonly lastFailure: string;
}

function countPods(cluster: Cluster, job: Job): Tally {
  const pods = ownedBy(cluster, 'Pod', job.metadata?.uid);
  const failures = pods.filter(({ status }) => status?.phase === 'Failed');
  const endings = failures.map(
    ({ status }) => status?.containerStatuses?.[0]?.state?.terminated?.finishedAt ?? '',
  );
  return {
    active: pods.filter(isPodActive),
    succeeded: pods.filter(({ status }) => status?.phase === 'Succeeded').length,
    failed: failures.length,
    lastFailure: endings.sort().at(-1) ?? '',
  };
}

interface End {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** How the Job ends now; undefined while it goes on. */
function endOf({ state }: Cluster, job: Job, tally: Tally): End | undefined {
  const { completions = 1, backoffLimit = 6, activeDeadlineSeconds } = job.spec ?? {};
  const restarts = tally.active.reduce(
    (sum, { status }) => sum + (status?.containerStatuses?.[0]?.restartCount ?? 0),
    0,
  );
  if (tally.failed + restarts > backoffLimit) {
    const message = 'Job has reached the specified backoff limit';
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message };
  }
  const startedMs = job.status?.startTime ? parseInstantMs(job.status.startTime) : undefined;
  if (activeDeadlineSeconds !== undefined && startedMs !== undefined) {
    if (state.nowUs / 1000 - startedMs >= activeDeadlineSeconds * 1000) {
      const message = 'Job was active longer than specified deadline';
      return { type: 'Failed', reason: 'DeadlineExceeded', message };
    }
  }
  if (tally.succeeded < completions) return undefined;
  const message = 'Reached expected number of succeeded pods';
  return { type: 'Complete', reason: 'CompletionsReached', message };
}

function finish(cluster: Cluster, job: Job, { tally, end }: { tally: Tally; end: End }): void {
  for (const pod of tally.active) deletePod(cluster, pod, { manager });
  const at = nowText(cluster);
  const condition = (type: string): Condition => ({
    ...end,
    type,
    status: 'True',
    lastProbeTime: at,
    lastTransitionTime: at,
  });
  const isComplete = end.type === 'Complete';
  const announced = isComplete ? 'SuccessCriteriaMet' : 'FailureTarget';
  recordEvent(cluster, job, {
    type: isComplete ? 'Normal' : 'Warning',
    reason: isComplete ? 'Completed' : end.reason,
    message: isComplete ? 'Job completed' : end.message,
    source,
  });
  const asked = procedureOf(job);
  if (isComplete && asked) cluster.state.procedures.push(asked);
  postStatus(cluster, job, {
    ...statusOf({ ...tally, active: [] }),
    startTime: job.status?.startTime ?? at,
    ...(isComplete ? { completionTime: at } : {}),
    conditions: [condition(announced), condition(end.type)],
  });
}

function createMissing(
  cluster: Cluster,
  job: Job,
  { key, tally }: { key: string; tally: Tally },
): void {
  const { completions = 1, parallelism = 1 } = job.spec ?? {};
  const wanted = Math.min(parallelism, completions - tally.succeeded) - tally.active.length;
  if (wanted <= 0) return;
  const dueUs = retryUs(tally);
  if (cluster.state.nowUs < dueUs) {
    setTimer(cluster, dueUs, { kind: 'sync_job', key });
    return;
  }
  for (let i = 0; i < wanted; i += 1) {
    const created = createOwnedPod(cluster, job);
    if (created.ok) {
      const message = `Created pod: ${created.object.metadata?.name}`;
      recordEvent(cluster, job, { type: 'Normal', reason: 'SuccessfulCreate', message, source });
      continue;
    }
    const message = `Error creating: ${created.status.message}`;
    recordEvent(cluster, job, { type: 'Warning', reason: 'FailedCreate', message, source });
    setTimer(cluster, cluster.state.nowUs + waits.firstUs, { kind: 'sync_job', key });
    return;
  }
}

/** The earliest instant of the next pod. */
function retryUs({ failed, lastFailure }: Tally): number {
  if (failed === 0 || lastFailure === '') return Number.NEGATIVE_INFINITY;
  return parseInstantMs(lastFailure) * 1000 + backOffUs(failed, waits);
}

function armDeadline(cluster: Cluster, job: Job, key: string): void {
  const { activeDeadlineSeconds } = job.spec ?? {};
  if (activeDeadlineSeconds === undefined || job.status?.startTime !== undefined) return;
  const dueUs = cluster.state.nowUs + activeDeadlineSeconds * 1_000_000;
  setTimer(cluster, dueUs, { kind: 'sync_job', key });
}

/** A finished Job goes after its time to live, if it has one. */
function expire(cluster: Cluster, job: Job, key: string): void {
  const { ttlSecondsAfterFinished } = job.spec ?? {};
  const finished = (job.status?.conditions ?? []).at(-1)?.lastTransitionTime;
  if (ttlSecondsAfterFinished === undefined || finished === undefined) return;
  const dueUs = parseInstantMs(finished) * 1000 + ttlSecondsAfterFinished * 1_000_000;
  if (cluster.state.nowUs < dueUs) {
    setTimer(cluster, dueUs, { kind: 'sync_job', key });
    return;
  }
  dropObject(cluster, job);
  collectGarbage(cluster, job);
}

function statusOf({ active, succeeded, failed }: Tally): JobStatus {
  return {
    ...(active.length === 0 ? {} : { active: active.length }),
    ...(succeeded === 0 ? {} : { succeeded }),
    ...(failed === 0 ? {} : { failed }),
    ready: active.filter(isPodReady).length,
    terminating: 0,
    uncountedTerminatedPods: {},
  };
}

function postStatus(cluster: Cluster, job: Job, status: JobStatus): void {
  const stored = findObject(
    cluster,
    'Job',
    objectKey(job.metadata?.namespace, job.metadata?.name ?? ''),
  );
  if (stored !== undefined) updateObject(cluster, stored, { ...stored, status }, manager);
}
