import type { KindMap } from '../../core/observable/index.ts';
import { parseInstantMs, virtualEpochMs } from '../../core/tools/index.ts';
import { nextCronMs } from './cron-schedule.ts';
import { collectGarbage } from './garbage.ts';
import { isFinished } from './job.ts';
import { objectKey } from './kinds.ts';
import { recordEvent } from './recorder.ts';
import { type Cluster, findObject, objectsOf, setTimer } from './state.ts';
import { dropObject, insertObject, nowText, updateObject } from './store.ts';

type CronJob = KindMap['CronJob'];
type Job = KindMap['Job'];

const manager = 'kube-controller-manager';
const source = 'cronjob-controller';

/** Sets the timer of a CronJob's next run when its schedule is new, and follows its Jobs. */
export function watchCronJob(cluster: Cluster, key: string): void {
  const cronJob = findObject(cluster, 'CronJob', key);
  if (cronJob === undefined || cronJob.metadata?.deletionTimestamp) return;
  const active = jobsOf(cluster, cronJob).filter((job) => !isFinished(job));
  const references = active.map(({ apiVersion = '', kind = '', metadata }) => ({
    apiVersion,
    kind,
    name: metadata?.name ?? '',
    namespace: metadata?.namespace ?? '',
    uid: metadata?.uid ?? '',
  }));
  const { active: _, ...status } = cronJob.status ?? {};
  const after = {
    ...cronJob,
    status: references.length === 0 ? status : { ...status, active: references },
  };
  updateObject(cluster, cronJob, after, manager);
  trimHistory(cluster, cronJob);
  arm(cluster, cronJob, key);
}

/** Timers carry the generation, so that those of an older schedule are void. */
function arm(cluster: Cluster, cronJob: CronJob, key: string): void {
  const version = versionOf(cronJob);
  const { timers, nowUs } = cluster.state;
  const isArmed = timers.some(
    ({ task }) => task.kind === 'cron_job' && task.key === key && task.uid === version,
  );
  if (isArmed || cronJob.spec?.suspend) return;
  const nextMs = nextCronMs(cronJob.spec?.schedule ?? '', nowUs / 1000);
  if (nextMs === null) return;
  setTimer(cluster, Math.round(nextMs * 1000), { kind: 'cron_job', key, uid: version });
}

function versionOf({ metadata }: CronJob): string {
  return `${metadata?.uid}/${metadata?.generation ?? 1}`;
}

/** Plays a run that is due: makes a Job unless the concurrency policy forbids it. */
export function startCronJob(cluster: Cluster, key: string, version: string): void {
  const cronJob = findObject(cluster, 'CronJob', key);
  if (cronJob?.spec === undefined || versionOf(cronJob) !== version) return;
  cluster.state.dirty.cronJobs.add(key);
  if (cronJob.spec.suspend) return;
  const active = jobsOf(cluster, cronJob).filter((job) => !isFinished(job));
  if (active.length > 0 && cronJob.spec.concurrencyPolicy === 'Forbid') {
    const message =
      'Not starting job because prior execution is running and concurrency policy is Forbid';
    recordEvent(cluster, cronJob, { type: 'Normal', reason: 'JobAlreadyActive', message, source });
    return;
  }
  if (cronJob.spec.concurrencyPolicy === 'Replace') for (const job of active) drop(cluster, job);
  const job = insertObject(cluster, renderJob(cluster, cronJob), manager);
  recordEvent(cluster, cronJob, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `Created job ${job.metadata?.name}`,
    source,
  });
  const status = { ...cronJob.status, lastScheduleTime: nowText(cluster) };
  updateObject(cluster, cronJob, { ...cronJob, status }, manager);
}

/** Named after the minute of its run, as the real controller does. */
function renderJob({ state }: Cluster, cronJob: CronJob): Job {
  const { name = '', namespace = '', uid = '' } = cronJob.metadata ?? {};
  const { metadata, spec } = cronJob.spec?.jobTemplate ?? {};
  const minute = Math.floor((virtualEpochMs + state.nowUs / 1000) / 60_000);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...metadata,
      name: `${name}-${minute}`,
      namespace,
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    ...(spec === undefined ? {} : { spec }),
  };
}

function jobsOf(cluster: Cluster, cronJob: CronJob): Job[] {
  return [...objectsOf(cluster, 'Job').values()].filter((job) =>
    job.metadata?.ownerReferences?.some(({ uid }) => uid === cronJob.metadata?.uid),
  );
}

/** Keeps the last three good and the last bad run, unless the CronJob says otherwise. */
function trimHistory(cluster: Cluster, cronJob: CronJob): void {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec ?? {};
  const finished = jobsOf(cluster, cronJob).filter(isFinished);
  const isGood = ({ status }: Job): boolean => (status?.succeeded ?? 0) > 0;
  const age = ({ metadata }: Job): number => parseInstantMs(metadata?.creationTimestamp ?? '');
  for (const [jobs, limit] of [
    [finished.filter(isGood), successfulJobsHistoryLimit],
    [finished.filter((job) => !isGood(job)), failedJobsHistoryLimit],
  ] as const) {
    const byAge = jobs.toSorted((a, b) => age(a) - age(b));
    for (const job of byAge.slice(0, Math.max(0, byAge.length - limit))) drop(cluster, job);
  }
}

function drop(cluster: Cluster, job: Job): void {
  const key = objectKey(job.metadata?.namespace, job.metadata?.name ?? '');
  const stored = findObject(cluster, 'Job', key);
  if (stored === undefined) return;
  dropObject(cluster, stored);
  collectGarbage(cluster, stored);
}
