import { z } from 'zod';
import { complain, strictObject } from '../../core/tools/index.ts';
import { causeNames, type FaultKind } from '../../core/truth/index.ts';
import { bytesRange, choiceField, durationRange, numberRange, textField } from '../fields.ts';
import {
  edgeTarget,
  type FaultShape,
  faultDuration,
  targetField,
  userTarget,
} from './shape-fields.ts';

type ImpairmentKind = Extract<
  FaultKind,
  | 'slow_work'
  | 'failing_work'
  | 'pod_pressure'
  | 'node_pressure'
  | 'network_impairment'
  | 'call_failure'
  | 'cache_misses'
  | 'hostile_traffic'
  | 'retry_policy'
  | 'clock_offset'
  | 'consumer_lag'
>;

const share = numberRange(0, 1);

/** What every impairment may say: why it is there, whom it hits, how it comes and goes. */
const common = {
  cause: z.enum(causeNames, { error: complain(`one of ${causeNames.join(', ')}`) }).meta({
    description: 'Decides what ends it: procedures, new pods, a rollback.',
  }),
  operation: textField(/\S/, 'an operation of the service').optional().meta({
    description: 'Only this operation; of users, a journey.',
  }),
  pods: choiceField(z.enum(['all', 'one']) as z.ZodType<string, string>, 'all or one').optional(),
  ramp: durationRange.optional().meta({ description: 'Time in which it grows to its size.' }),
  halfLife: durationRange.optional().meta({ description: 'Time in which it fades to half.' }),
  period: durationRange.optional().meta({ description: 'It comes and goes with this period …' }),
  duty: share.optional().meta({ description: '… and is there for this share of it.' }),
  tag: textField(/^\S+$/, 'an image tag').optional().meta({
    description: 'The release that has it; for the cause `defect`.',
  }),
  config: textField(/^[^/]+\/[^/]+\/[^=]+=.+$/, 'namespace/name/key=value')
    .optional()
    .meta({ description: 'The ConfigMap entry that is written, and on which it depends.' }),
} as const;

const commonNames: Readonly<Record<string, string>> = {
  ramp: 'rampMs',
  halfLife: 'halfLifeMs',
  period: 'periodMs',
  duty: 'dutyShare',
};

/** Own fields by their name in the file: what the effect calls them, and how they are read. */
type Amounts = Readonly<Record<string, readonly [name: string, field: z.ZodType, words: string]>>;

function shape(target: z.ZodType, amounts: Amounts): FaultShape {
  const own = Object.entries(amounts).map(([key, [, field, description]]) => {
    return [key, field.optional().meta({ description })] as const;
  });
  const names: Record<string, string> = { ...commonNames };
  for (const [key, [name]] of Object.entries(amounts)) names[key] = name;
  const parameters = strictObject({ ...common, ...Object.fromEntries(own) }).transform((read) => {
    const entries = Object.entries(read).filter(([, value]) => value !== undefined);
    const renamed = entries.map(([key, value]) => [names[key] ?? key, value] as const);
    // Which of several pods it is, is drawn per seed.
    return { ...Object.fromEntries(renamed), ...(read.pods === 'one' ? { podPick } : {}) };
  });
  return { target, duration: faultDuration, parameters };
}

const podPick = { low: 0, high: 0.999 };

const work: Amounts = {
  cpuFactor: ['cpuFactor', numberRange(0.1, 1000), 'Factor on the CPU time of each request.'],
  wait: ['waitMs', durationRange, 'Waiting added to each request.'],
  stallShare: ['stallShare', share, 'Share of requests that hang.'],
  stall: ['stallMs', durationRange, 'How long those hang.'],
};

const ways: Amounts = {
  delay: ['delayMs', durationRange, 'Added there and back.'],
  jitter: ['jitterMs', durationRange, 'Standard deviation of the delay.'],
  loss: ['packetLoss', numberRange(0, 0.45), 'Share of packets that get lost.'],
  cut: ['cutShare', share, 'Share of attempts that nobody ever answers.'],
  bandwidth: ['bytesPerSec', bytesRange, 'Bytes a second that get through.'],
  requestSize: ['bytesPerRequest', bytesRange, 'Bytes of a request and its answer.'],
};

const calls: Amounts = {
  refused: ['refusedShare', share, 'Share of attempts that fail at once.'],
  cut: ['cutShare', share, 'Share of attempts that nobody ever answers.'],
  stallShare: ['stallShare', share, 'Share of attempts that take longer.'],
  stall: ['stallMs', durationRange, 'How much longer those take.'],
};

const place = targetField('service|node', 'service/redis-cart or node/node-a1');
const service = targetField('service', 'service/redis-cart');
const node = targetField('node', 'node/node-a1');
const anyCall = z.union([edgeTarget, targetField('service|node', 'service/x'), userTarget], {
  error: complain('a target such as edge/a->b, service/b, node/n1 or user/*'),
});
const anyWay = z.union([edgeTarget, targetField('service|node|zone', 'zone/z'), userTarget], {
  error: complain('a target such as edge/a->b, service/b, node/n1, zone/z or user/*'),
});

/** The kinds that make something worse without a change of Kubernetes objects. */
export const impairmentShapes: Readonly<Record<ImpairmentKind, FaultShape>> = {
  slow_work: shape(place, work),
  failing_work: shape(place, {
    errorRatio: ['errorShare', share, 'Share of requests that fail.'],
  }),
  pod_pressure: shape(place, {
    cores: ['podCores', numberRange(0, 1000), 'Threads beside the service, each wanting a core.'],
    memory: ['podBytes', bytesRange, 'Memory taken in each pod.'],
    leakPerSec: ['podBytesPerSec', bytesRange, 'Memory that each pod loses per second.'],
    inFlightFactor: ['inFlightFactor', numberRange(1, 1000), 'Factor on memory per request.'],
    taken: ['takenShare', share, 'Share of the slots for requests that is taken.'],
  }),
  node_pressure: shape(node, {
    cores: ['nodeCores', numberRange(0, 1000), 'Cores that something else takes.'],
  }),
  network_impairment: shape(anyWay, ways),
  call_failure: shape(anyCall, calls),
  cache_misses: shape(z.union([edgeTarget, service]), {
    misses: ['missShare', share, 'Share of the usual hits that miss.'],
  }),
  hostile_traffic: shape(userTarget, {
    perSec: ['hostilePerSec', numberRange(0, 1_000_000), 'Requests a second by no users.'],
  }),
  retry_policy: shape(z.union([edgeTarget, service]), {
    retries: ['extraRetries', numberRange(0, 20), 'Attempts beyond the usual ones.'],
    timeout: ['timeoutMs', durationRange, 'Time-out in place of the usual one.'],
  }),
  clock_offset: shape(node, {
    offset: ['offsetMs', durationRange, 'How far the clock is ahead.'],
    refused: ['refusedShare', share, 'Share of attempts whose certificate or token is refused.'],
  }),
  consumer_lag: shape(service, {
    perSec: ['lagPerSec', numberRange(0, 100_000), 'Records a second that pile up.'],
  }),
};
