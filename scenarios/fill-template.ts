import { type ComponentId, componentKind, componentName } from '../core/observable/index.ts';
import { InputError, imageTag, suggestNames } from '../core/tools/index.ts';
import type { TwinSpec } from '../core/truth/index.ts';
import { findDeployment } from './manifests.ts';

/** What `$name` stands for in edits and steps. */
export type Placeholders = Readonly<Record<string, string | number>>;

/**
 * What a target offers: `$target` and, of a service, `$service $namespace $workload $container
 * $image` (without its tag) and `$tag`; of a node `$node $zone`; of an edge `$from` and those of
 * the callee; of anything else `$name`.
 */
export function placeholdersOf(target: ComponentId, topology: TwinSpec): Placeholders {
  const name = componentName(target);
  switch (componentKind(target)) {
    case 'service':
      return { target, ...serviceWords(name, topology) };
    case 'edge': {
      const [from = '', to = ''] = name.split('->');
      return { target, from, ...serviceWords(to, topology) };
    }
    case 'node': {
      const zone = topology.nodes.find((node) => node.name === name)?.zone ?? '';
      return { target, node: name, zone };
    }
    case 'zone':
      return { target, zone: name };
    default:
      return { target, name };
  }
}

function serviceWords(name: string, topology: TwinSpec): Placeholders {
  const service = topology.services.find((entry) => entry.name === name);
  if (service === undefined) return { service: name };
  const { namespace, workload } = service;
  const deployment = findDeployment(topology.objects, service);
  const container = deployment?.spec?.template.spec?.containers[0];
  const image = container?.image ?? '';
  const tag = imageTag(image);
  return {
    service: name,
    namespace,
    workload,
    container: container?.name ?? '',
    image: image.endsWith(`:${tag}`) ? image.slice(0, -tag.length - 1) : image,
    tag,
  };
}

/** The value with every `$name` or `${name}` in its texts and keys replaced. */
export function fillTemplate<Value>(value: Value, words: Placeholders): Value {
  return fill(value, words) as Value;
}

function fill(value: unknown, words: Placeholders): unknown {
  if (typeof value === 'string') return fillText(value, words);
  if (Array.isArray(value)) return value.map((item) => fill(item, words));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [String(fillText(key, words)), fill(item, words)]),
  );
}

/** A text that is one placeholder and nothing else takes the type of what it stands for. */
function fillText(text: string, words: Placeholders): string | number {
  const alone = /^\$\{?([A-Za-z0-9_.]+)\}?$/.exec(text)?.[1];
  if (alone !== undefined) return wordFor(alone, words);
  return text.replace(/\$\{([A-Za-z0-9_.]+)\}|\$([A-Za-z][A-Za-z0-9_]*)/g, (_all, braced, bare) =>
    String(wordFor((braced ?? bare) as string, words)),
  );
}

function wordFor(name: string, words: Placeholders): string | number {
  const word = Object.hasOwn(words, name) ? words[name] : undefined;
  if (word !== undefined) return word;
  throw new InputError(`unknown placeholder $${name}`, {
    hint: suggestNames(name, Object.keys(words)),
  });
}
