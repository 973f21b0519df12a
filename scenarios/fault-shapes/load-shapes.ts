import { z } from 'zod';
import { strictObject } from '../../core/tools/index.ts';
import { durationRange, numberRange } from '../fields.ts';
import {
  edgeTarget,
  type FaultShape,
  faultDuration,
  targetField,
  userTarget,
} from './shape-fields.ts';

const loadParameters = strictObject({
  factor: numberRange(0, 100).meta({ description: 'Factor on the request rate.' }),
  ramp: durationRange
    .default({ low: 0, high: 0 })
    .meta({ description: 'Time of the rise from 1 to the factor, and of the fall after the end.' }),
}).transform(({ factor, ramp }) => ({ factor, rampMs: ramp }));

const batchParameters = strictObject({
  perSec: numberRange(0, 1_000_000).meta({ description: 'Calls a second.' }),
  errorRatio: numberRange(0, 1).default({ low: 0, high: 0 }).meta({
    description: 'Share of them that fails.',
  }),
  latency: durationRange.meta({ description: 'Mean time of a call.' }),
}).transform(({ perSec, errorRatio, latency }) => ({ perSec, errorRatio, latencyMs: latency }));

export const loadShapes: Readonly<Record<'load_factor' | 'batch_traffic', FaultShape>> = {
  load_factor: { target: userTarget, duration: faultDuration, parameters: loadParameters },
  batch_traffic: {
    target: z.union([edgeTarget, targetField('service', 'service/cartservice')]),
    duration: faultDuration,
    parameters: batchParameters,
  },
};
