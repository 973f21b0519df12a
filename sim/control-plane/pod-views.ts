import type { KindMap } from '../../core/observable/index.ts';
import { imageTag } from '../../core/tools/index.ts';
import type { PodView } from '../cluster-view.ts';
import { PodLogReader } from './pod-log.ts';
import { PodOrder } from './pod-order.ts';
import { hasPowerEverywhere, isRunning, processLimit, runtimeOf } from './pod-runtime.ts';
import type { Cluster, PodRuntime } from './state.ts';

type Pod = KindMap['Pod'];

interface CachedPod {
  readonly pod: Pod;
  readonly runtime: PodRuntime;
  readonly revision: number;
  readonly running: boolean;
  /** Null where it is nowhere yet, or belongs to no service. */
  readonly view: PodView | null;
}

/**
 * Views of all pods that are somewhere, in order of creation. What has not changed is the same
 * object from view to view; the list of them too, as long as nothing has happened to any.
 */
export class PodViews {
  readonly #order = new PodOrder<CachedPod>();
  readonly #reader = new PodLogReader();
  #views: readonly PodView[] = [];
  #hasPower = false;

  /** Looks at the pods that something has happened to. */
  follow(cluster: Cluster): readonly PodView[] {
    const changed = this.#reader.changed(cluster);
    const hadPower = this.#hasPower;
    const hasPower = hasPowerEverywhere(cluster);
    this.#hasPower = hasPower;
    // Nobody notes the pods of a node that loses its power, or gets it back.
    const keys = hadPower && hasPower ? changed : null;
    if (keys?.size === 0) return this.#views;
    this.#order.follow(cluster, keys, {
      keep: (pod, before) =>
        before?.pod === pod && isUnchanged(cluster, before, hasPower)
          ? before
          : cachePod(cluster, pod),
    });
    this.#views = this.#order.all.map(({ view }) => view).filter((view) => view !== null);
    return this.#views;
  }
}

/** Whether a pod whose object is the same looks the same. */
function isUnchanged(
  cluster: Cluster,
  { runtime, revision, running }: CachedPod,
  hasPower: boolean,
): boolean {
  if (revision !== runtime.revision) return false;
  if (hasPower && running) return runtime.phase === 'running' || runtime.phase === 'stopping';
  return running === isRunning(cluster, runtime);
}

function cachePod(cluster: Cluster, pod: Pod): CachedPod {
  const runtime = runtimeOf(cluster, pod);
  const { revision } = runtime;
  const isShown = runtime.node !== '' && cluster.setup.services.has(runtime.workload);
  const running = isRunning(cluster, runtime);
  return {
    pod,
    runtime,
    revision,
    running,
    view: isShown ? renderPod(cluster, pod, runtime) : null,
  };
}

function renderPod(cluster: Cluster, pod: Pod, runtime: PodRuntime): PodView {
  const service = cluster.setup.services.get(runtime.workload);
  const node = cluster.setup.nodeSpecs.get(runtime.node);
  const running = isRunning(cluster, runtime);
  return {
    uid: runtime.uid,
    name: pod.metadata?.name ?? '',
    namespace: pod.metadata?.namespace ?? '',
    service: service?.name ?? '',
    workload: service?.workload ?? '',
    node: runtime.node,
    zone: node?.zone ?? '',
    region: node?.region ?? '',
    release: imageTag(pod.spec?.containers[0]?.image ?? ''),
    ordinal: runtime.ordinal,
    cpuLimitCores: processLimit(pod, 'cpu') ?? node?.cpuCores ?? 0,
    memoryLimitBytes: processLimit(pod, 'memory') ?? node?.memoryBytes ?? 0,
    running,
    processStartedUs: runtime.processStartedUs,
    listening: running && runtime.listening,
    inEndpoints: runtime.inEndpoints,
    restartCount: runtime.restartCount,
    ...(runtime.lastWords && runtime.lastTermination
      ? { lastWords: { atUs: runtime.lastTermination.finishedAtUs, text: runtime.lastWords } }
      : {}),
  };
}
