/**
 * The door of what decides and acts: policies, healers, the guard that limits them, the executor.
 */
export { AuditLog } from './audit-log.ts';
export { Executor } from './executor/executor.ts';
export { Guard } from './guard.ts';
export type { GuardOptions } from './guard-options.ts';
export type { HealerName } from './healers.ts';
export { createHealer, healerNames } from './healers.ts';
export type { Knob, KnobValues } from './knobs.ts';
export { policyKnobs, withKnobs } from './knobs.ts';
export { parsePolicies } from './parse-policies.ts';
export { createPolicyHealer } from './policy-healer.ts';
export type { PolicySet } from './policy-set.ts';
export { serializePolicies } from './serialize-policies.ts';
export { readShippedPolicies, shippedPolicyUrl } from './shipped-policies.ts';
