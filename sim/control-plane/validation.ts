import type { KindMap, KubernetesObject } from '../../core/observable/index.ts';
import { validatePodSpec } from './container-validation.ts';
import { type FieldError, invalidValue, required } from './field-errors.ts';
import { isEqualJson } from './plain.ts';
import { matchesSelector } from './selectors.ts';

/** What is wrong with an object about to be stored; empty when nothing is. */
export function validate(
  after: KubernetesObject,
  before: KubernetesObject | undefined,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(after.metadata?.name ?? '')) {
    errors.push(nameError(after.metadata?.name));
  }
  switch (after.kind) {
    case 'Deployment':
      errors.push(
        ...validateDeployment(after as KindMap['Deployment'], before as KindMap['Deployment']),
      );
      break;
    case 'ReplicaSet':
      errors.push(
        ...validateCount('spec.replicas', (after as KindMap['ReplicaSet']).spec?.replicas),
      );
      break;
    case 'Pod':
      errors.push(...validatePodSpec((after as KindMap['Pod']).spec, 'spec'));
      break;
    case 'HorizontalPodAutoscaler':
      errors.push(...validateAutoscaler(after as KindMap['HorizontalPodAutoscaler']));
      break;
    case 'PodDisruptionBudget':
      errors.push(...validateBudget(after as KindMap['PodDisruptionBudget']));
      break;
    default:
      break;
  }
  return errors;
}

function nameError(name: string | undefined): FieldError {
  if (!name) return required('metadata.name', 'name or generateName is required');
  return invalidValue(
    'metadata.name',
    name,
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  );
}

function validateCount(field: string, count: unknown): FieldError[] {
  if (count === undefined) return [];
  if (typeof count !== 'number' || !Number.isInteger(count)) {
    return [invalidValue(field, count, 'must be an integer')];
  }
  return count < 0 ? [invalidValue(field, count, 'must be greater than or equal to 0')] : [];
}

function validateDeployment(
  { spec }: KindMap['Deployment'],
  before: KindMap['Deployment'] | undefined,
): FieldError[] {
  if (spec === undefined) return [required('spec')];
  const errors = validateCount('spec.replicas', spec.replicas);
  const labels = spec.template?.metadata?.labels;
  if (spec.selector === undefined) errors.push(required('spec.selector'));
  else if (!matchesSelector(spec.selector, labels)) {
    const why = '`selector` does not match template `labels`';
    errors.push(invalidValue('spec.template.metadata.labels', labels ?? {}, why));
  }
  if (before?.spec && !isEqualJson(before.spec.selector, spec.selector)) {
    errors.push(invalidValue('spec.selector', spec.selector, 'field is immutable'));
  }
  errors.push(...validateStrategy(spec.strategy));
  errors.push(...validatePodSpec(spec.template?.spec, 'spec.template.spec'));
  return errors;
}

/** A rollout that may neither add nor remove a pod would never move. */
function validateStrategy(
  strategy: NonNullable<KindMap['Deployment']['spec']>['strategy'],
): FieldError[] {
  const { type, rollingUpdate } = strategy ?? {};
  const field = 'spec.strategy.rollingUpdate';
  if (type === 'Recreate' && rollingUpdate) {
    const why = "may not be specified when strategy `type` is 'Recreate'";
    return [{ reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` }];
  }
  const isZero = (share: number | string | undefined): boolean =>
    share === 0 || share === '0' || share === '0%';
  if (!isZero(rollingUpdate?.maxSurge) || !isZero(rollingUpdate?.maxUnavailable)) return [];
  const why = 'may not be 0 when `maxSurge` is 0';
  return [invalidValue(`${field}.maxUnavailable`, rollingUpdate?.maxUnavailable, why)];
}

function validateAutoscaler({ spec }: KindMap['HorizontalPodAutoscaler']): FieldError[] {
  const { minReplicas = 1, maxReplicas = 0 } = spec ?? {};
  const errors: FieldError[] = [];
  if (minReplicas < 1)
    errors.push(
      invalidValue('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'),
    );
  if (maxReplicas < 1)
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  else if (maxReplicas < minReplicas) {
    errors.push(
      invalidValue(
        'spec.maxReplicas',
        maxReplicas,
        'must be greater than or equal to `minReplicas`',
      ),
    );
  }
  return errors;
}

function validateBudget({ spec }: KindMap['PodDisruptionBudget']): FieldError[] {
  if (spec?.minAvailable === undefined || spec.maxUnavailable === undefined) return [];
  return [
    invalidValue(
      'spec',
      { minAvailable: spec.minAvailable, maxUnavailable: spec.maxUnavailable },
      'minAvailable and maxUnavailable cannot be both set',
    ),
  ];
}
