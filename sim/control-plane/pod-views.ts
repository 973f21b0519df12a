import type { KindMap } from '../../core/observable/index.ts';
import { imageTag } from '../../core/tools/index.ts';
import type { PodView } from '../cluster-view.ts';
import { podLogOf } from './pod-log.ts';
import { hasPowerEverywhere, isRunning, processLimit, runtimeOf } from './pod-runtime.ts';
import { type Cluster, objectsOf, type PodRuntime } from './state.ts';

type Pod = KindMap['Pod'];

interface CachedPod {
  readonly pod: Pod;
  readonly runtime: PodRuntime;
  readonly revision: number;
  readonly running: boolean;
  /** Null where it is nowhere yet, or belongs to no service. */
  readonly view: PodView | null;
}

/** When more pods than this have changed, all of them are gone through. */
const fewPods = 64;

/**
 * Views of all pods that are somewhere, in order of creation. What has not changed is the same
 * object from view to view, the list of them too.
 */
export class PodViews {
  /** In order of creation, and what is shown of each. */
  #pods: CachedPod[] = [];
  #shown: (PodView | null)[] = [];
  #views: readonly PodView[] = [];
  /** By key; null until somebody asks again. */
  #known: Map<string, CachedPod> | null = null;
  #hasPower = false;
  /** Where in the log of pods the last look ended. */
  #mark = -1;

  /** Looks at the pods that something has happened to. */
  follow(cluster: Cluster): readonly PodView[] {
    const log = podLogOf(cluster);
    const noted = log.since(this.#mark);
    this.#mark = log.mark;
    const hadPower = this.#hasPower;
    this.#hasPower = hasPowerEverywhere(cluster);
    const isAny = hadPower && this.#hasPower && noted !== null && noted.size <= fewPods;
    const isChanged = isAny ? this.#renderNoted(cluster, noted) : this.#renderAll(cluster);
    if (isChanged) this.#views = this.#shown.filter((view) => view !== null);
    return this.#views;
  }

  /** Renders the noted pods anew; answers whether there are any. */
  #renderNoted(cluster: Cluster, noted: ReadonlySet<string>): boolean {
    const pods = objectsOf(cluster, 'Pod');
    this.#known ??= new Map(this.#pods.map((cached) => [cached.runtime.key, cached]));
    for (const key of noted) {
      const pod = pods.get(key);
      const known: CachedPod | undefined = this.#known.get(key);
      const at = known ? this.#pods.indexOf(known) : this.#pods.length;
      if (pod === undefined) {
        this.#known.delete(key);
        this.#pods.splice(at, 1);
        this.#shown.splice(at, 1);
        continue;
      }
      const cached = cachePod(cluster, pod);
      this.#known.set(key, cached);
      this.#pods[at] = cached;
      this.#shown[at] = cached.view;
    }
    return noted.size > 0;
  }

  #renderAll(cluster: Cluster): true {
    const known = this.#pods;
    const next: CachedPod[] = [];
    let k = 0;
    for (const pod of objectsOf(cluster, 'Pod').values()) {
      if (k < known.length && known[k]?.pod !== pod) k = placeOf(known, k, pod.metadata?.uid);
      const before = k < known.length ? known[k] : undefined;
      const isSame = before?.pod === pod;
      if (isSame || before?.runtime.uid === pod.metadata?.uid) k += 1;
      const isKept = isSame && isUnchanged(cluster, before, this.#hasPower);
      next.push(isKept ? before : cachePod(cluster, pod));
    }
    this.#pods = next;
    this.#shown = next.map(({ view }) => view);
    this.#known = null;
    return true;
  }
}

/** Where a pod is known from number `from` on; there as well where it is not known. */
function placeOf(known: readonly CachedPod[], from: number, uid: string | undefined): number {
  // Pods keep their order, so that those passed over are gone.
  for (let k = from; k < known.length; k += 1) if (known[k]?.runtime.uid === uid) return k;
  return from;
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
