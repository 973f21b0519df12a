import { readFileSync } from 'node:fs';
import { parsePolicies } from './parse-policies.ts';
import type { PolicySet } from './policy-set.ts';

export type ShippedPolicyName = 'default' | 'examples';

/** Where a policy file that comes with the package stands. */
export function shippedPolicyUrl(name: ShippedPolicyName): URL {
  return new URL(`./policies/${name}.yaml`, import.meta.url);
}

/** Reads a policy file that comes with the package. */
export function readShippedPolicies(name: ShippedPolicyName): PolicySet {
  return parsePolicies(
    readFileSync(shippedPolicyUrl(name), 'utf8'),
    `healers/policies/${name}.yaml`,
  );
}
