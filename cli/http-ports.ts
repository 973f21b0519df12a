import type { KindMap, KubernetesObject } from '../core/observable/index.ts';
import type { TwinSpec } from '../core/truth/index.ts';

/** The ports that the manifests call `http`, by service; only those speak plain HTTP. */
export function httpPorts({ services, objects }: TwinSpec): Record<string, number> {
  const deployments = objects.filter(isDeployment);
  return Object.fromEntries(
    services.flatMap(({ name, namespace, workload }) => {
      const deployment = deployments.find(
        ({ metadata }) => metadata?.name === workload && metadata.namespace === namespace,
      );
      const containers = deployment?.spec?.template.spec?.containers ?? [];
      const ports = containers.flatMap((container) => container.ports ?? []);
      const port = ports.find((entry) => entry.name === 'http')?.containerPort;
      return port === undefined ? [] : [[name, port]];
    }),
  );
}

function isDeployment(object: KubernetesObject): object is KindMap['Deployment'] {
  return object.kind === 'Deployment';
}
