import { z } from 'zod';
import { strictObject } from '../../core/tools/index.ts';
import { clusterComponents, nodeComponents } from '../../core/truth/index.ts';
import { countField, durationRange, ratioField } from '../fields.ts';
import { type FaultShape, faultDuration, noParameters, targetField } from './shape-fields.ts';

const componentParameters = strictObject({
  component: z
    .enum([...nodeComponents, ...clusterComponents])
    .meta({ description: 'The part of the platform that stops.' }),
});

const killParameters = strictObject({
  mode: z
    .enum(['pod', 'container'])
    .default('pod')
    .meta({ description: 'Delete pods without grace, or kill their processes.' }),
  share: ratioField.optional().meta({ description: 'Share of the pods there are, rounded up.' }),
  count: countField(1).optional().meta({ description: 'Number of pods; one without a share.' }),
  interval: durationRange.optional().meta({ description: 'Again after each such time.' }),
}).transform(({ interval, share, count, mode }) => ({
  mode,
  ...(share === undefined ? {} : { share: { low: share, high: share } }),
  ...(count === undefined ? {} : { count: { low: count, high: count } }),
  ...(interval === undefined ? {} : { intervalMs: interval }),
}));

const drainParameters = strictObject({
  reboot: durationRange
    .default({ low: 0, high: 0 })
    .meta({ description: 'How long each drained node is off.' }),
  pause: durationRange
    .default({ low: 0, high: 0 })
    .meta({ description: 'Time between a node that is back and the next.' }),
}).transform(({ reboot, pause }) => ({ rebootMs: reboot, pauseMs: pause }));

/** Faults of machines, of the platform's own parts, and of single pods. */
export const nodeShapes: Readonly<
  Record<'node_power_loss' | 'component_down' | 'pod_kill' | 'node_drain', FaultShape>
> = {
  node_power_loss: {
    target: targetField('zone|node', 'zone/us-east-1a or node/node-a1'),
    duration: faultDuration,
    parameters: noParameters,
  },
  component_down: {
    target: targetField('node|config', 'node/node-a1, or config/control-plane'),
    duration: faultDuration,
    parameters: componentParameters,
  },
  pod_kill: {
    target: targetField('service', 'service/frontend'),
    duration: faultDuration,
    parameters: killParameters,
  },
  node_drain: {
    target: targetField('zone|node', 'zone/us-east-1a or node/node-a1'),
    duration: faultDuration,
    parameters: drainParameters,
  },
};
