import { z } from 'zod';
import { actionKinds, procedures } from '../core/observable/index.ts';
import { complain, durationField, strictObject } from '../core/tools/index.ts';
import type { StepTemplate } from '../core/truth/index.ts';
import { textField } from './fields.ts';

const objectWords = 'an object such as Deployment/$workload or ConfigMap/kube-system/coredns';

const objectField = textField(/^[A-Z][A-Za-z]+(\/[a-z0-9$][A-Za-z0-9$.{}-]*){1,2}$/, objectWords);

const anyMapping = z.record(z.string(), z.unknown());

const manifest = z.looseObject({
  apiVersion: textField(/\S/, 'an API version such as v1'),
  kind: textField(/^[A-Z][A-Za-z]+$/, 'a kind such as ConfigMap'),
  metadata: z.looseObject({ name: textField(/\S/, 'the name of the object') }),
});

const editShapes = [
  strictObject({
    patch: objectField,
    with: anyMapping.meta({ description: 'A strategic merge patch, as kubectl patch takes it.' }),
  }),
  strictObject({
    patch: objectField,
    merge: anyMapping.meta({ description: 'A JSON merge patch (RFC 7386).' }),
  }),
  strictObject({
    patch: objectField,
    json: z.array(anyMapping).meta({ description: 'A JSON patch (RFC 6902).' }),
  }),
  strictObject({ delete: objectField }),
  strictObject({ create: manifest.meta({ description: 'A whole manifest.' }) }),
  strictObject({
    apply: objectField.meta({ description: 'The object as the topology’s manifests have it.' }),
  }),
] as const;

const editWords =
  'one of { patch, with }, { patch, merge }, { patch, json }, { delete }, { create }, { apply }';

/** The API calls of an `object_edit`. */
export const editList: z.ZodType = z
  .array(z.union(editShapes, { error: complain(editWords) }))
  .min(1);

const stepShapes = [
  strictObject({
    action: z.enum(actionKinds),
    target: textField(/\S/, 'a target such as $target or node/node-a1'),
    parameters: z.record(z.string(), z.union([z.number(), z.string()])).default({}),
  }),
  strictObject({
    run: z.enum(procedures).meta({ description: 'A procedure of the runbook, as a Job.' }),
    target: textField(/\S/, 'a target such as $target'),
  }),
  strictObject({ wait: durationField }),
  ...editShapes,
] as const;

const treatment = strictObject({
  id: textField(/^[a-z][a-z0-9_]*$/, 'a name in snake_case such as roll_back'),
  why: textField(/\S/, 'why it cures, or why it only seems to'),
  do: z
    .array(
      z.union(stepShapes, { error: complain(`{ action }, { run }, { wait } or ${editWords}`) }),
    )
    .min(1),
}).transform(({ id, why, do: steps }) => ({ id, why, steps: steps as readonly StepTemplate[] }));

/** Remedies or traps. */
export const treatmentList: z.ZodType<
  { id: string; why: string; steps: readonly StepTemplate[] }[]
> = z.array(treatment).default([]) as z.ZodType as z.ZodType<
  { id: string; why: string; steps: readonly StepTemplate[] }[]
>;
