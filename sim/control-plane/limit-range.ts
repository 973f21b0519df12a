import type { KindMap } from '../../core/observable/index.ts';
import { parseQuantity } from '../../core/tools/index.ts';
import { type Cluster, objectsOf } from './state.ts';

type Pod = KindMap['Pod'];
type Container = NonNullable<Pod['spec']>['containers'][number];
type Item = NonNullable<KindMap['LimitRange']['spec']>['limits'][number];
type Amounts = Readonly<Record<string, string>>;

/** A pod with the defaults of its namespace's LimitRanges. */
export function withRangeDefaults(cluster: Cluster, pod: Pod): Pod {
  const { spec } = pod;
  if (spec === undefined) return pod;
  let { containers } = spec;
  for (const item of containerItems(cluster, pod)) {
    containers = containers.map((container) => withDefaults(container, item));
  }
  return containers === spec.containers ? pod : { ...pod, spec: { ...spec, containers } };
}

/** What the LimitRanges of its namespace forbid of a pod; null when nothing. */
export function limitRangeRefusal(cluster: Cluster, pod: Pod): string | null {
  for (const item of containerItems(cluster, pod)) {
    const problems = (pod.spec?.containers ?? []).flatMap((one) => problemsOf(one, item));
    if (problems.length > 0) return problems.join(', ');
  }
  return null;
}

function containerItems(cluster: Cluster, { metadata }: Pod): Item[] {
  return [...objectsOf(cluster, 'LimitRange').values()]
    .filter((range) => range.metadata?.namespace === metadata?.namespace)
    .flatMap(({ spec }) => spec?.limits ?? [])
    .filter(({ type }) => type === 'Container');
}

/** The client library calls the field `_default`, since `default` is a word of the language. */
function defaultOf(item: Item): Amounts {
  return (item as { readonly default?: Amounts }).default ?? {};
}

/** A limit without a request is a request, too, and comes before the default. */
function withDefaults(container: Container, item: Item): Container {
  const limits = { ...defaultOf(item), ...container.resources?.limits };
  const requests = {
    ...defaultOf(item),
    ...item.defaultRequest,
    ...container.resources?.limits,
    ...container.resources?.requests,
  };
  const isSame = Object.keys(limits).length + Object.keys(requests).length === 0;
  return isSame ? container : { ...container, resources: { limits, requests } };
}

function problemsOf({ resources }: Container, { max = {}, min = {} }: Item): string[] {
  const problems: string[] = [];
  for (const [resource, bound] of Object.entries(max)) {
    const limit = resources?.limits?.[resource];
    if (limit === undefined) {
      problems.push(`maximum ${resource} usage per Container is ${bound}.  No limit is specified`);
    } else if (parseQuantity(limit) > parseQuantity(bound)) {
      problems.push(`maximum ${resource} usage per Container is ${bound}, but limit is ${limit}`);
    }
  }
  for (const [resource, bound] of Object.entries(min)) {
    const request = resources?.requests?.[resource];
    if (request === undefined) {
      problems.push(
        `minimum ${resource} usage per Container is ${bound}.  No request is specified`,
      );
    } else if (parseQuantity(request) < parseQuantity(bound)) {
      problems.push(
        `minimum ${resource} usage per Container is ${bound}, but request is ${request}`,
      );
    }
  }
  return problems;
}
