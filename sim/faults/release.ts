import type { ObjectRef, WriteOptions } from '../../core/observable/index.ts';
import { componentName } from '../../core/observable/index.ts';
import { assert } from '../../core/tools/index.ts';
import type { Fault } from '../../core/truth/index.ts';
import type { EffectContext, FaultEffect } from './effect.ts';

/** Good and bad releases are written by the same hand. */
const pipeline: WriteOptions = { fieldManager: 'cd-pipeline' };

/**
 * Rolls a new image tag out through the API, as a delivery pipeline does. What is different about
 * the release (errors, CPU, a leak) is a trait of the image, so rolling back cures it; with all
 * traits neutral it is a benign deploy.
 */
export const release: FaultEffect<{
  container: string;
  oldImage: string;
  newImage: string;
  trait: string;
}> = {
  async begin(fault, context) {
    const deployment = await context.cluster.get(deploymentRef(fault, context));
    assert(deployment.ok, `release: ${fault.target} has no deployment`);
    const container = deployment.object.spec?.template.spec?.containers[0];
    assert(container, `release: ${fault.target} has no container`);
    const oldImage = container.image ?? container.name;
    const { repository, tag } = splitImage(oldImage);
    const newTag = String(fault.parameters.tag ?? nextPatchTag(tag));
    const trait = `${deploymentRef(fault, context).name}@${newTag}`;
    context.conditions.releaseTraits.set(trait, {
      errorRatio: Number(fault.parameters.errorRatio ?? 0),
      cpuFactor: Number(fault.parameters.cpuFactor ?? 1),
      leakBytesPerSec: Number(fault.parameters.leakBytesPerSec ?? 0),
    });
    const newImage = `${repository}:${newTag}`;
    await setImage(fault, context, container.name, newImage);
    return { container: container.name, oldImage, newImage, trait };
  },
  async end(fault, { container, oldImage, newImage, trait }, context) {
    const deployment = await context.cluster.get(deploymentRef(fault, context));
    const image = deployment.ok && deployment.object.spec?.template.spec?.containers[0]?.image;
    if (image === newImage) await setImage(fault, context, container, oldImage);
    context.conditions.releaseTraits.delete(trait);
  },
};

function deploymentRef(fault: Fault, { spec }: EffectContext): ObjectRef<'Deployment'> {
  const service = spec.services.find((entry) => entry.name === componentName(fault.target));
  assert(service, `release: unknown service ${fault.target}`);
  return { kind: 'Deployment', namespace: service.namespace, name: service.workload };
}

async function setImage(
  fault: Fault,
  context: EffectContext,
  container: string,
  image: string,
): Promise<void> {
  const body = { spec: { template: { spec: { containers: [{ name: container, image }] } } } };
  const result = await context.cluster.patch(
    deploymentRef(fault, context),
    { type: 'strategic', body },
    pipeline,
  );
  assert(result.ok, `release: the API refused ${image}`);
}

function splitImage(image: string): { repository: string; tag: string } {
  const colon = image.lastIndexOf(':');
  const hasTag = colon > image.lastIndexOf('/');
  return hasTag
    ? { repository: image.slice(0, colon), tag: image.slice(colon + 1) }
    : { repository: image, tag: 'v1.0.0' };
}

/** `v0.10.2` → `v0.10.3`; a tag without a number gets one. */
function nextPatchTag(tag: string): string {
  const match = /^(.*?)(\d+)$/.exec(tag);
  return match ? `${match[1]}${Number(match[2]) + 1}` : `${tag}-1`;
}
