import type { Healer } from '../core/observable/index.ts';
import { unknownNameError } from '../core/tools/index.ts';
import { createNoHealer, createRandomHealer } from './baseline-healers.ts';
import { createPolicyHealer } from './policy-healer.ts';
import type { PolicySet } from './policy-set.ts';

export type HealerName = 'policy' | 'none' | 'random';

export interface HealerOptions {
  readonly policies: PolicySet;
  readonly seed: number;
}

/** Every healer by name: a new one is a file and a line here. */
const factories: Readonly<Record<HealerName, (options: HealerOptions) => Healer>> = {
  policy: ({ policies }) => createPolicyHealer(policies),
  none: () => createNoHealer(),
  random: ({ seed }) => createRandomHealer(seed),
};

export const healerNames: readonly HealerName[] = Object.keys(factories) as HealerName[];

/** A fresh healer, without memory of earlier runs. */
export function createHealer(name: HealerName, options: HealerOptions): Healer {
  if (!healerNames.includes(name)) throw unknownNameError('healer', name, healerNames);
  return factories[name](options);
}
