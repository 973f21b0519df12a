import type { KindMap } from '../../core/observable/index.ts';
import { parseQuantity } from '../../core/tools/index.ts';
import { type FieldError, invalidValue, required } from './field-errors.ts';
import { canonicalQuantity } from './quantity-text.ts';

type PodSpec = NonNullable<KindMap['Pod']['spec']>;
type Container = PodSpec['containers'][number];
type Amounts = Readonly<Record<string, string>>;

/** What is wrong with the containers of a pod or of a template. */
export function validatePodSpec(spec: PodSpec | undefined, path: string): FieldError[] {
  const { containers = [], initContainers = [] } = spec ?? {};
  if (containers.length === 0) return [required(`${path}.containers`)];
  return [
    ...containers.flatMap((container, index) =>
      validateContainer(container, `${path}.containers[${index}]`),
    ),
    ...initContainers.flatMap((container, index) =>
      validateContainer(container, `${path}.initContainers[${index}]`),
    ),
  ];
}

function validateContainer(container: Container, at: string): FieldError[] {
  const errors: FieldError[] = container.name ? [] : [required(`${at}.name`)];
  if (!container.image) errors.push(required(`${at}.image`));
  for (const name of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
    errors.push(...validateProbe(`${at}.${name}`, container[name]));
  }
  errors.push(...validateResources(`${at}.resources`, container.resources));
  return errors;
}

type Probe = NonNullable<Container['readinessProbe']>;

/** The API server takes an absent value for its default, and nothing below these. */
const probeMinima = {
  initialDelaySeconds: 0,
  timeoutSeconds: 1,
  periodSeconds: 1,
  successThreshold: 1,
  failureThreshold: 1,
} as const;

function validateProbe(path: string, probe: Probe | undefined): FieldError[] {
  return Object.entries(probeMinima).flatMap(([name, least]) => {
    const value = probe?.[name as keyof typeof probeMinima];
    if (value === undefined || (Number.isInteger(value) && value >= least)) return [];
    return [invalidValue(`${path}.${name}`, value, `must be greater than or equal to ${least}`)];
  });
}

/** Amounts one by one; then, where all can be read, requests against limits. */
function validateResources(path: string, resources: Container['resources']): FieldError[] {
  const errors = (['requests', 'limits'] as const).flatMap((group) =>
    Object.entries(resources?.[group] ?? {}).flatMap(([name, amount]) =>
      validateQuantity(`${path}.${group}[${name}]`, amount),
    ),
  );
  if (errors.length > 0) return errors;
  const limits: Amounts = resources?.limits ?? {};
  return Object.entries(resources?.requests ?? {}).flatMap(([name, request]) => {
    const limit = limits[name];
    if (limit === undefined || parseQuantity(request) <= parseQuantity(limit)) return [];
    const why = `must be less than or equal to ${name} limit of ${canonicalQuantity(limit)}`;
    return [invalidValue(`${path}.requests`, canonicalQuantity(request), why)];
  });
}

function validateQuantity(field: string, amount: string): FieldError[] {
  try {
    return parseQuantity(amount) < 0
      ? [invalidValue(field, amount, 'must be greater than or equal to 0')]
      : [];
  } catch {
    return [
      invalidValue(
        field,
        amount,
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
      ),
    ];
  }
}
