/** What a kubelet reports of the containers of a pod. */
import type { KindMap } from '../../core/observable/index.ts';
import { recordEvent } from './recorder.ts';
import type { Cluster } from './state.ts';

type Pod = KindMap['Pod'];

/** Reports that the images of all containers are there, or of the one that starts again. */
export function reportPulled(cluster: Cluster, pod: Pod, only: string | null): void {
  for (const { name, image } of pod.spec?.containers ?? []) {
    if (only !== null && name !== only) continue;
    const message = `Container image "${image}" already present on machine`;
    reportContainer(cluster, pod, { container: name, reason: 'Pulled', message });
  }
}

/** Reports the same of every container, or of one only. */
export function reportContainers(
  cluster: Cluster,
  pod: Pod,
  reason: string,
  message: (container: string) => string,
  only: string | null = null,
): void {
  for (const { name } of pod.spec?.containers ?? []) {
    if (only !== null && name !== only) continue;
    reportContainer(cluster, pod, { container: name, reason, message: message(name) });
  }
}

/** Reports something of one container. */
export function reportContainer(
  cluster: Cluster,
  pod: Pod,
  report: { readonly container: string; readonly reason: string; readonly message: string },
): void {
  recordEvent(cluster, pod, {
    type: report.reason === 'BackOff' || report.reason === 'Failed' ? 'Warning' : 'Normal',
    reason: report.reason,
    message: report.message,
    source: 'kubelet',
    host: pod.spec?.nodeName ?? '',
    fieldPath: `spec.containers{${report.container}}`,
  });
}
