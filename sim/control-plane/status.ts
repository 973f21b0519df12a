import type { Status } from '../../core/observable/index.ts';
import { type FieldError, invalidValue } from './field-errors.ts';
import { type KindInfo, qualifiedKind, qualifiedPlural } from './kinds.ts';

interface Details {
  name?: string;
  group?: string;
  kind?: string;
  causes?: { reason: string; message: string; field?: string }[];
  retryAfterSeconds?: number;
}

function failure(code: number, reason: string, message: string, details?: Details): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

function pluralDetails(kind: KindInfo, name: string): Details {
  return { name, ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.plural };
}

export function notFound(kind: KindInfo, name: string): Status {
  return failure(
    404,
    'NotFound',
    `${qualifiedPlural(kind)} "${name}" not found`,
    pluralDetails(kind, name),
  );
}

export function alreadyExists(kind: KindInfo, name: string): Status {
  const message = `${qualifiedPlural(kind)} "${name}" already exists`;
  return failure(409, 'AlreadyExists', message, pluralDetails(kind, name));
}

export function conflict(kind: KindInfo, name: string): Status {
  const message = `Operation cannot be fulfilled on ${qualifiedPlural(kind)} "${name}": the object has been modified; please apply your changes to the latest version and try again`;
  return failure(409, 'Conflict', message, pluralDetails(kind, name));
}

export function invalid(kind: KindInfo, name: string, errors: readonly FieldError[]): Status {
  const lines = errors.map(({ field, message }) => `${field}: ${message}`);
  const text = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  return failure(422, 'Invalid', `${qualifiedKind(kind)} "${name}" is invalid: ${text}`, {
    name,
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
  });
}

/** A JSON patch that does not fit the object. */
export function unprocessable(message: string): Status {
  return failure(422, 'Invalid', message, {});
}

/** A body that cannot be read as an object of its kind. */
export function undecodable({ kind, version }: KindInfo, why: string): Status {
  const message = `${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`;
  return failure(400, 'BadRequest', message);
}

/** A patch after which the object cannot be read; `patched` is what was to be read. */
export function undecodablePatch(patched: string, why: string): Status {
  const { reason, message, field } = invalidValue('patch', patched, why);
  const causes = [{ reason, message, field }];
  return failure(422, 'Invalid', ` "" is invalid: ${field}: ${message}`, { causes });
}

export function unsupportedPatch(): Status {
  const message =
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';
  return failure(415, 'UnsupportedMediaType', message);
}

export function evictionRefused(cause: string, retryAfterSeconds = 0): Status {
  return failure(
    429,
    'TooManyRequests',
    "Cannot evict pod as it would violate the pod's disruption budget.",
    {
      causes: [{ reason: 'DisruptionBudget', message: cause }],
      ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
    },
  );
}

/** Admission refuses an object. */
export function forbidden(kind: KindInfo, name: string, why: string): Status {
  const message = `${qualifiedPlural(kind)} "${name}" is forbidden: ${why}`;
  return failure(403, 'Forbidden', message, pluralDetails(kind, name));
}

/** A webhook could not be asked. */
export function webhookFailed(webhook: string, why: string): Status {
  const message = `Internal error occurred: failed calling webhook "${webhook}": ${why}`;
  return failure(500, 'InternalError', message, { causes: [{ reason: '', message: why }] });
}

/** Admission took longer than the request may. */
export function requestTimedOut(): Status {
  const message =
    'Timeout: request did not complete within requested timeout - context deadline exceeded';
  return failure(504, 'Timeout', message, {});
}

/** The server, or the proxy before it, has nothing that could answer. */
export function unavailable(): Status {
  const message = 'the server is currently unable to handle the request';
  return failure(503, 'ServiceUnavailable', message, { retryAfterSeconds: 1 });
}

/** A write that the store did not take in time; reads come from the server's cache. */
export function writesTimeOut(): Status {
  return failure(500, 'InternalError', 'etcdserver: request timed out');
}

export function severalBudgets(): Status {
  return failure(
    500,
    '',
    'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  );
}

export function created(): Status {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}
