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

/** `generated`, `generated:SERVICES` or `generated:SERVICES:SEED`; 100 services and seed 1 unless said. */
export function parseGeneratedName(name: string): { services: number; seed: number } {
  const match = pattern.exec(name);
  const services = Number(match?.[1] ?? defaults.services);
  if (!match || services < servicesRange.low || services > servicesRange.high) {
    throw new UsageError(
      `topology ${JSON.stringify(name)}: expected generated:SERVICES or generated:SERVICES:SEED ` +
        `with ${servicesRange.low} to ${servicesRange.high} services`,
      'write for example generated:200 or generated:200:7',
    );
  }
  return { services, seed: Number(match[2] ?? defaults.seed) };
}
