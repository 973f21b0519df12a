import { z } from 'zod';
import { durationField, parseQuantity, strictObject } from '../core/tools/index.ts';
import {
  bytesField,
  countField,
  ratioField,
  replicasLimit,
  serviceTimeField,
  textField,
} from './fields.ts';
import {
  type CallDocument,
  type ClusterDocument,
  callFields,
  callTarget,
  clusterFields,
  nameField,
  type OperationDocument,
  operationFields,
  type ServiceDocument,
} from './overlay-schema.ts';

type ServiceKind = ServiceDocument['kind'];

interface Memory {
  readonly base: number;
  readonly perInFlight: number;
  readonly request: number;
  readonly limit: number;
}

/** What services of one make have in common. */
export interface ProfileDocument {
  readonly kind: ServiceKind;
  /** `{name}` stands for the service's name. */
  readonly image: string;
  readonly port: number;
  readonly probe: 'grpc' | 'http' | 'tcp';
  readonly startup: number;
  readonly cold: ServiceDocument['cold'];
  readonly concurrencyMax: number;
  readonly memory: Memory;
  readonly errorRatio: number;
  /** Peers' addresses are variables of the pod, or lie in a ConfigMap of the service's own. */
  readonly settings: 'env' | 'config_map';
  /** Size of its volume; absent for what keeps nothing. */
  readonly volume?: number | undefined;
  /** Asks its clients for a password, which both read from a Secret. */
  readonly password: boolean;
}

/** A call in short: its target alone, or what differs from the defaults. */
export type CompactCall =
  | string
  | (Omit<CallDocument, 'timeout'> & { timeout?: number | undefined });

/** An operation in short: what is absent follows from the profile. */
export interface CompactOperation
  extends Omit<OperationDocument, 'calls' | 'errorRatio' | 'category'> {
  readonly errorRatio?: number | undefined;
  readonly category?: OperationDocument['category'] | undefined;
  readonly calls: readonly CompactCall[];
}

export interface CompactService {
  readonly profile: string;
  readonly namespace: string;
  readonly replicas: number;
  readonly cpu: { readonly request: number; readonly limit: number };
  readonly memory: { readonly [Key in keyof Memory]?: Memory[Key] | undefined };
  readonly startup?: number | undefined;
  readonly concurrencyMax?: number | undefined;
  readonly autoscale?: { readonly replicasMax: number; readonly utilization: number } | undefined;
  readonly operations: Readonly<Record<string, CompactOperation>>;
}

/** A services.yaml after its units are read: times in ms, memory in bytes, CPU in cores. */
export interface ServicesDocument extends ClusterDocument {
  /** Of calls that name no other. */
  readonly callTimeout: number;
  readonly profiles: Readonly<Record<string, ProfileDocument>>;
  readonly services: Readonly<Record<string, CompactService>>;
}

const cores = textField(/^\d+(\.\d+)?m?$/, 'an amount of CPU such as 250m or 2').transform(
  parseQuantity,
);
const cpu = strictObject({ request: cores, limit: cores });

const memoryFields = {
  base: bytesField,
  perInFlight: bytesField,
  request: bytesField,
  limit: bytesField,
};

const profile = strictObject({
  kind: z.enum(['service', 'datastore', 'external']).default('service'),
  image: textField(/^\S+:\S+$/, 'an image with its tag, {name} for the service'),
  port: countField(1),
  probe: z.enum(['grpc', 'http', 'tcp']),
  startup: durationField,
  cold: strictObject({ factor: ratioOrMore(), decay: durationField }),
  concurrencyMax: countField(1),
  memory: strictObject(memoryFields),
  errorRatio: ratioField,
  settings: z.enum(['env', 'config_map']).default('env'),
  volume: bytesField.optional(),
  password: z.boolean().default(false),
});

const call = z.union([
  callTarget,
  strictObject({ ...callFields, timeout: serviceTimeField.optional() }),
]);

const operation = strictObject({
  ...operationFields,
  errorRatio: ratioField.optional(),
  category: z.enum(['cpu', 'db', 'external']).optional(),
  calls: z.array(call).default([]),
});

const service = strictObject({
  profile: nameField,
  namespace: nameField.default('default'),
  replicas: countField(1, replicasLimit),
  cpu,
  memory: strictObject(memoryFields).partial().default({}),
  startup: durationField.optional(),
  concurrencyMax: countField(1).optional(),
  autoscale: strictObject({
    replicasMax: countField(1, replicasLimit),
    utilization: ratioField,
  }).optional(),
  operations: z.record(z.string(), operation),
});

function ratioOrMore(): z.ZodType<number> {
  return z.number().min(0);
}

const schema = strictObject({
  ...clusterFields,
  callTimeout: serviceTimeField,
  profiles: z.record(nameField, profile),
  services: z.record(nameField, service),
});

/** The schema of a services.yaml. */
export const servicesSchema: z.ZodType<ServicesDocument> =
  schema as unknown as z.ZodType<ServicesDocument>;
