import type { ObjectRef, WriteOptions } from '../../core/observable/index.ts';
import { componentName } from '../../core/observable/index.ts';
import { assert } from '../../core/tools/index.ts';
import type { Fault } from '../../core/truth/index.ts';
import type { ReleaseTraits } from '../conditions.ts';
import type { EffectContext, FaultEffect } from './effect.ts';

/** Good and bad releases are written by the same hand. */
const pipeline: WriteOptions = { fieldManager: 'cd-pipeline' };

interface ReleaseNote {
  readonly service: string;
  readonly container: string;
  /** What undoing goes back to; an undone release below this one hands its own on. */
  oldImage: string;
  readonly newImage: string;
  /** The key of its traits, and what they are. */
  readonly trait: string;
  readonly traits: ReleaseTraits;
}

const nothingReleased: Omit<ReleaseNote, 'service'> = {
  container: '',
  oldImage: '',
  newImage: '',
  trait: '',
  traits: { errorRatio: 0, cpuFactor: 1, leakBytesPerSec: 0 },
};

/**
 * Rolls a new image tag out through the API, as a delivery pipeline does. What is different about
 * the release (errors, CPU, a leak) is a trait of the image, so rolling back cures it; with all
 * traits neutral it is a benign deploy.
 */
export const release: FaultEffect<ReleaseNote> = {
  async begin(fault, context) {
    const ref = deploymentRef(fault, context);
    const deployment = await context.cluster.get(ref);
    // Somebody has deleted it: there is nothing to release.
    if (!deployment.ok) return { ...nothingReleased, service: fault.target };
    const container = deployment.object.spec?.template.spec?.containers[0];
    assert(container, `release: ${fault.target} has no container`);
    const oldImage = container.image ?? container.name;
    const { repository, tag } = splitImage(oldImage);
    const wanted = String(fault.parameters.tag ?? '');
    // Whoever releases counts on from what runs, if others have released in between.
    const newTag = isLater(wanted, tag) ? wanted : nextPatchTag(tag);
    const newImage = `${repository}:${newTag}`;
    const trait = `${ref.name}@${newTag}`;
    const traits: ReleaseTraits = {
      errorRatio: Number(fault.parameters.errorRatio ?? 0),
      cpuFactor: Number(fault.parameters.cpuFactor ?? 1),
      leakBytesPerSec: Number(fault.parameters.leakBytesPerSec ?? 0),
    };
    context.conditions.releaseTraits.set(trait, traits);
    context.conditions.publishedImages.add(newImage);
    await setImage(fault, context, container.name, newImage);
    return { service: fault.target, container: container.name, oldImage, newImage, trait, traits };
  },
  async end(fault, note, context) {
    const { container, oldImage, newImage, trait } = note;
    if (newImage === '') return;
    const sameService = context.others.filter((other) => other.service === note.service);
    const isHeld = sameService.some((other) => other.newImage === newImage);
    for (const other of sameService) {
      // A later release must not go back to this one, unless a third still stands for it.
      if (other.oldImage !== newImage) continue;
      if (!isHeld || other.newImage === newImage) other.oldImage = oldImage;
    }
    const deployment = await context.cluster.get(deploymentRef(fault, context));
    const image = deployment.ok && deployment.object.spec?.template.spec?.containers[0]?.image;
    if (image === newImage && !isHeld) await setImage(fault, context, container, oldImage);
    if (!isHeld) context.conditions.publishedImages.delete(newImage);
    const heir = sameService.findLast((other) => other.trait === trait);
    if (heir) context.conditions.releaseTraits.set(trait, heir.traits);
    else context.conditions.releaseTraits.delete(trait);
  },
};

function deploymentRef(
  fault: Fault,
  { spec }: Pick<EffectContext, 'spec'>,
): ObjectRef<'Deployment'> {
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

/** `v0.10.3` is later than `v0.10.2`; any other name of a release is later than all before. */
function isLater(tag: string, than: string): boolean {
  const [name, parts] = versionOf(tag);
  const [otherName, otherParts] = versionOf(than);
  if (tag === '' || tag === than) return false;
  if (name !== otherName) return true;
  for (let i = 0; i < parts.length; i += 1) {
    const step = (parts[i] as number) - (otherParts[i] ?? -1);
    if (step !== 0) return step > 0;
  }
  return false;
}

/** The text around the numbers, and the numbers. */
function versionOf(tag: string): [string, number[]] {
  const parts = tag.match(/\d+/g) ?? [];
  return [tag.replace(/\d+/g, '#'), parts.map(Number)];
}
