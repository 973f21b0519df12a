import { z } from 'zod';
import { complain, strictObject } from '../../core/tools/index.ts';
import { durationRange, numberRange } from '../fields.ts';
import { type FaultShape, faultDuration, targetField } from './shape-fields.ts';

const anySignal = z
  .enum(['metrics', 'logs', 'spans', 'all'], { error: complain('metrics, logs, spans or all') })
  .default('all')
  .meta({ description: 'Which telemetry; all unless given.' });
const logsOrSpans = z
  .enum(['logs', 'spans'], { error: complain('logs or spans') })
  .meta({ description: 'Which telemetry; metrics carry no times of their own.' });

/** One mode each: what it is called, which signals it concerns, how much. */
const impairments = z.discriminatedUnion(
  'mode',
  [
    strictObject({
      mode: z.literal('drop').meta({ description: 'Some never arrive.' }),
      signal: anySignal,
      share: numberRange(0, 1)
        .default({ low: 1, high: 1 })
        .meta({ description: 'Of scrapes, lines or spans; all unless given.' }),
    }),
    strictObject({
      mode: z.literal('delay').meta({ description: 'All arrive late.' }),
      signal: logsOrSpans,
      delay: durationRange.meta({ description: 'How late.' }),
    }).transform(({ delay, ...others }) => ({ ...others, delayMs: delay })),
    strictObject({
      mode: z.literal('stale').meta({ description: 'Values stand still.' }),
      signal: z.literal('metrics', { error: complain('metrics') }).default('metrics'),
    }),
    strictObject({
      mode: z.literal('clock_offset').meta({ description: 'Time stamps are off.' }),
      signal: logsOrSpans,
      offset: durationRange.meta({ description: 'How far the clock is ahead.' }),
    }).transform(({ offset, ...others }) => ({ ...others, offsetMs: offset })),
  ],
  { error: complain('a mode: drop, delay, stale or clock_offset') },
);

/** What keeps telemetry from its observers; users feel nothing of it. */
export const telemetryShapes: Readonly<Record<'telemetry_impairment', FaultShape>> = {
  telemetry_impairment: {
    target: z.union([
      targetField('zone|node|service', 'zone/us-east-1a, node/node-a1 or service/frontend'),
      z.literal('telemetry/*'),
    ]),
    duration: faultDuration,
    parameters: impairments,
  },
};
