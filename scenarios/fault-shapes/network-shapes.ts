import { strictObject } from '../../core/tools/index.ts';
import { durationRange } from '../fields.ts';
import { type FaultShape, faultDuration, noParameters, targetField } from './shape-fields.ts';

const delayParameters = strictObject({
  delay: durationRange.meta({ description: 'Added to the way into each pod.' }),
}).transform(({ delay }) => ({ delayMs: delay }));

export const networkShapes: Readonly<Record<'network_partition' | 'network_delay', FaultShape>> = {
  network_partition: {
    target: targetField('zone', 'zone/us-east-1a'),
    duration: faultDuration,
    parameters: noParameters,
  },
  network_delay: {
    target: targetField('service', 'service/redis-cart'),
    duration: faultDuration,
    parameters: delayParameters,
  },
};
