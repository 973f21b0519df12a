import type { KindMap } from '../../core/observable/index.ts';
import { type Cluster, findObject } from './state.ts';

type Pod = KindMap['Pod'];
type PodSpec = NonNullable<Pod['spec']>;

const enforceLabel = 'pod-security.kubernetes.io/enforce';

/**
 * Why the Pod Security level that the namespace enforces forbids a pod; null when it does not.
 * Looks at what ordinary workloads leave out of the restricted level, and at privilege and the
 * host's namespaces for the baseline.
 */
export function podSecurityRefusal(cluster: Cluster, pod: Pod): string | null {
  const namespace = findObject(cluster, 'Namespace', pod.metadata?.namespace ?? '');
  const level = namespace?.metadata?.labels?.[enforceLabel];
  if (pod.spec === undefined || (level !== 'baseline' && level !== 'restricted')) return null;
  const violations = [
    ...baselineViolations(pod.spec),
    ...(level === 'restricted' ? restrictedViolations(pod.spec) : []),
  ];
  if (violations.length === 0) return null;
  return `violates PodSecurity "${level}:latest": ${violations.join(', ')}`;
}

function baselineViolations(spec: PodSpec): string[] {
  const violations: string[] = [];
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name]);
  if (shared.length > 0) violations.push(`host namespaces (${shared.join('=true, ')}=true)`);
  for (const { name, securityContext } of spec.containers) {
    if (securityContext?.privileged)
      violations.push(
        `privileged (container "${name}" must not set securityContext.privileged=true)`,
      );
  }
  return violations;
}

function restrictedViolations({ containers, securityContext: shared }: PodSpec): string[] {
  const violations: string[] = [];
  for (const { name, securityContext: own } of containers) {
    if (own?.allowPrivilegeEscalation !== false) {
      violations.push(
        `allowPrivilegeEscalation != false (container "${name}" must set securityContext.allowPrivilegeEscalation=false)`,
      );
    }
    if (!own?.capabilities?.drop?.includes('ALL')) {
      violations.push(
        `unrestricted capabilities (container "${name}" must set securityContext.capabilities.drop=["ALL"])`,
      );
    }
    if (!(own?.runAsNonRoot ?? shared?.runAsNonRoot)) {
      violations.push(
        `runAsNonRoot != true (pod or container "${name}" must set securityContext.runAsNonRoot=true)`,
      );
    }
    if (!(own?.seccompProfile ?? shared?.seccompProfile)) {
      violations.push(
        `seccompProfile (pod or container "${name}" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`,
      );
    }
  }
  return violations;
}
