import {
  componentKind,
  componentName,
  type SeriesDescriptor,
  type Topology,
} from '../../core/observable/index.ts';

/** What the labels of series tell of the system they are of: services, calls and nodes. */
export function topologyOfSeries(series: readonly SeriesDescriptor[]): Topology {
  const services = new Map<string, string>();
  const calls = new Map<string, { from: string; to: string }>();
  const nodes = new Map<string, { zone: string; region: string }>();
  for (const { component, labels } of series) {
    const name = componentName(component);
    const namespace = labels.namespace ?? 'default';
    const kind = componentKind(component);
    if (kind === 'service') services.set(name, namespace);
    if (kind === 'pod' && labels.service) services.set(labels.service, namespace);
    if (kind === 'edge') {
      const [from, to] = name.split('->') as [string, string];
      calls.set(name, { from, to });
      for (const end of [from, to]) if (!services.has(end)) services.set(end, namespace);
    }
    if (labels.node && !nodes.has(labels.node)) {
      // Nodes of no known zone share none: each is in one of its own.
      const { zone = labels.node, region = '' } = labels;
      nodes.set(labels.node, { zone, region });
    }
  }
  const callees = new Set([...calls.values()].map(({ to }) => to));
  const names = [...services.keys()];
  return {
    name: 'own series',
    entryService: names.find((name) => !callees.has(name)) ?? names[0] ?? '',
    services: [...services].map(([name, namespace]) => {
      return { name, namespace, kind: 'service', workload: name };
    }),
    calls: [...calls.values()],
    nodes: [...nodes].map(([name, { zone, region }]) => ({ name, zone, region })),
  };
}
