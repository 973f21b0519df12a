import { z } from 'zod';
import { strictObject } from '../../core/tools/index.ts';
import { bytesRange, choiceField, numberRange, textField } from '../fields.ts';
import { editList } from '../step-schema.ts';
import { type FaultShape, faultDuration, targetField, untilEnd } from './shape-fields.ts';

const releaseParameters = strictObject({
  tag: textField(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, 'an image tag such as v0.10.3').meta({
    description: 'The image tag that is rolled out.',
  }),
  errorRatio: numberRange(0, 1)
    .default({ low: 0, high: 0 })
    .meta({ description: 'Share of requests it fails, added to each operation’s own.' }),
  cpuFactor: numberRange(0.1, 100)
    .default({ low: 1, high: 1 })
    .meta({ description: 'Factor on the CPU time of each request.' }),
  leakPerSec: bytesRange
    .default({ low: 0, high: 0 })
    .meta({ description: 'Memory that each of its processes loses per second.' }),
}).transform(({ leakPerSec, ...others }) => ({ ...others, leakBytesPerSec: leakPerSec }));

const editParameters = z
  .record(
    z.string(),
    z.union([
      numberRange(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
      choiceField(z.string(), 'a text'),
    ]),
  )
  .default({})
  .meta({ description: 'Values drawn per seed; the edits name them as $name.' });

export const workloadShapes: Readonly<Record<'release' | 'object_edit', FaultShape>> = {
  release: {
    target: targetField('service', 'service/frontend'),
    duration: untilEnd,
    parameters: releaseParameters,
  },
  object_edit: {
    target: targetField('service|node|zone|config|volume', 'service/frontend'),
    duration: faultDuration,
    parameters: editParameters,
    edits: editList,
  },
};
