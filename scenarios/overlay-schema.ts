import { z } from 'zod';
import { durationField, strictObject } from '../core/tools/index.ts';
import {
  bytesField,
  countField,
  numberField,
  ratioField,
  serviceTimeField,
  textField,
} from './fields.ts';

/** A call as the overlay says it. */
export interface CallDocument {
  readonly to: string;
  readonly count: number;
  readonly timeout: number;
  readonly retries: number;
  readonly backoff?: number | undefined;
  readonly retryBudget?: number | undefined;
  readonly pool?: number | undefined;
  readonly optional: boolean;
}

export interface OperationDocument {
  readonly cpu: number;
  readonly wait: number;
  readonly scv: number;
  readonly errorRatio: number;
  readonly category: 'cpu' | 'db' | 'external';
  readonly statement?: string | undefined;
  readonly calls: readonly CallDocument[];
}

export interface ServiceDocument {
  readonly namespace: string;
  readonly kind: 'service' | 'datastore' | 'external';
  readonly workload?: string | undefined;
  readonly startup: number;
  readonly cold: { readonly factor: number; readonly decay: number };
  readonly concurrencyMax: number;
  readonly threading?: 'worker_pool' | 'thread_per_request' | undefined;
  readonly memory: { readonly base: number; readonly perInFlight: number };
  readonly operations: Readonly<Record<string, OperationDocument>>;
}

interface JourneyDocument {
  readonly entry: string;
  readonly weight: number;
  readonly latencySlo: number;
  readonly timeout: number;
  readonly retries: number;
  readonly itemType?: string | undefined;
}

/** The part of a topology file that is about the cluster and its users. */
export interface ClusterDocument {
  readonly region: string;
  readonly zones: Readonly<Record<string, readonly string[]>>;
  readonly node: { readonly cpuCores: number; readonly memory: number };
  readonly network: { readonly sameZone: number; readonly crossZone: number };
  readonly workload: {
    readonly requestsPerSec: number;
    readonly dailySwing: number;
    readonly peakHour: number;
    readonly noiseSd: number;
    readonly noiseSlope: number;
    readonly dispersion: number;
    readonly crowdsPerDay: number;
    readonly largestCrowd: number;
    readonly happeningsPerHour: number;
  };
  readonly otherManifests: { readonly requestsPerSec: number };
  readonly journeys: Readonly<Record<string, JourneyDocument>>;
}

/** An overlay file after its units are read: times in ms, memory in bytes. */
export interface OverlayDocument extends ClusterDocument {
  readonly services: Readonly<Record<string, ServiceDocument>>;
}

/** The fields of a mapping that reads as T. */
type Fields<T> = { readonly [Key in keyof T]-?: z.ZodType<T[Key]> };

export const nameField: z.ZodType<string, string> = textField(
  /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
  'a name in lower case, digits, - and .',
);
export const callTarget: z.ZodType<string, string> = textField(
  /^[^/\s]+\/\S.*$/,
  'service/operation, such as cartservice/GetCart',
);
const rate = numberField(0.001, 1_000_000);

export const callFields: Fields<CallDocument> = {
  to: callTarget,
  count: numberField(0, 10_000).default(1),
  timeout: serviceTimeField,
  retries: countField(0).default(0),
  backoff: serviceTimeField.optional(),
  retryBudget: ratioField.optional(),
  pool: countField(1).optional(),
  optional: z.boolean().default(false),
};

export const operationFields: Fields<OperationDocument> = {
  cpu: serviceTimeField,
  wait: serviceTimeField.default(0),
  scv: numberField(0, 100).default(1),
  errorRatio: ratioField.default(0),
  category: z.enum(['cpu', 'db', 'external']).default('cpu'),
  statement: textField(/\S/, 'a statement').optional(),
  calls: z.array(strictObject(callFields)).default([]),
};

const service = strictObject({
  namespace: nameField.default('default'),
  kind: z.enum(['service', 'datastore', 'external']).default('service'),
  workload: nameField.optional(),
  startup: durationField,
  cold: strictObject({ factor: numberField(0, 100), decay: durationField }),
  concurrencyMax: countField(1),
  threading: z.enum(['worker_pool', 'thread_per_request']).optional(),
  memory: strictObject({ base: bytesField, perInFlight: bytesField }),
  operations: z.record(z.string(), strictObject(operationFields)),
});

const journey = strictObject({
  entry: callTarget,
  weight: numberField(0, 1_000_000),
  latencySlo: durationField,
  timeout: durationField,
  retries: countField(0).default(0),
  itemType: textField(/^[a-z][a-z0-9_]*$/, 'a name in snake_case').optional(),
});

export const clusterFields: Fields<ClusterDocument> = {
  region: nameField,
  zones: z.record(nameField, z.array(nameField).min(1)),
  node: strictObject({ cpuCores: numberField(0.1, 1024), memory: bytesField }),
  network: strictObject({ sameZone: serviceTimeField, crossZone: serviceTimeField }),
  workload: strictObject({
    requestsPerSec: rate,
    dailySwing: ratioField,
    peakHour: numberField(0, 24),
    noiseSd: ratioField,
    noiseSlope: numberField(0, 2),
    dispersion: numberField(1, 100).default(1),
    crowdsPerDay: numberField(0, 24).default(0),
    largestCrowd: numberField(0, 100).default(0),
    happeningsPerHour: numberField(0, 60).default(0),
  }),
  otherManifests: strictObject({ requestsPerSec: rate }),
  journeys: z.record(nameField, journey),
};

/** The schema of a topology's overlay file. */
export const overlaySchema: z.ZodType<OverlayDocument> = strictObject({
  ...clusterFields,
  services: z.record(nameField, service),
});
