import { UsageError } from '../../core/tools/index.ts';

/** The name that stands for all generated topologies. */
export const generatedFamily: string = 'generated';

const defaults = { services: 100, seed: 1 } as const;
const servicesRange = { low: 20, high: 5000 } as const;
const pattern = /^generated(?::(\d{1,6})(?::(\d{1,9}))?)?$/;

/** Whether a name asks for a generated topology, well said or not. */
export function isGeneratedName(name: string): boolean {
  return name === generatedFamily || name.startsWith(`${generatedFamily}:`);
}

/**
 * What a name asks for: 100 services and seed 1 unless it says so; null when it is not well said.
 */
export function readGeneratedName(name: string): { services: number; seed: number } | null {
  const match = pattern.exec(name);
  if (!match) return null;
  const services = Number(match[1] ?? defaults.services);
  const isInRange = services >= servicesRange.low && services <= servicesRange.high;
  return isInRange ? { services, seed: Number(match[2] ?? defaults.seed) } : null;
}

/** `generated`, `generated:SERVICES` or `generated:SERVICES:SEED`; anything else is an error. */
export function parseGeneratedName(name: string): { services: number; seed: number } {
  const asked = readGeneratedName(name);
  if (asked) return asked;
  throw new UsageError(
    `topology ${JSON.stringify(name)}: expected generated:SERVICES or generated:SERVICES:SEED ` +
      `with ${servicesRange.low} to ${servicesRange.high} services`,
    'write for example generated:200 or generated:200:7',
  );
}
