import type { RandomSource } from './random.ts';

/** A law of service times; the mean is given apart, scv is variance over squared mean. */
export type ServiceLaw =
  | { readonly kind: 'exponential' }
  /** scv is 1 / phases. */
  | { readonly kind: 'erlang'; readonly phases: number }
  /** Two exponentials with balanced means; scv above 1. */
  | { readonly kind: 'hyperexponential'; readonly scv: number }
  | { readonly kind: 'lognormal'; readonly scv: number };

export type Sampler = (random: RandomSource) => number;

export function scvOf(law: ServiceLaw): number {
  if (law.kind === 'exponential') return 1;
  return law.kind === 'erlang' ? 1 / law.phases : law.scv;
}

/** Draws service times in ms with this mean. */
export function createSampler(law: ServiceLaw, meanMs: number): Sampler {
  if (law.kind === 'exponential') return (random) => random.exponential(meanMs);
  if (law.kind === 'erlang') {
    const { phases } = law;
    return (random) => {
      let product = 1;
      for (let i = 0; i < phases; i += 1) product *= random.uniform();
      return (-meanMs / phases) * Math.log(product);
    };
  }
  if (law.kind === 'hyperexponential') {
    const share = 0.5 * (1 + Math.sqrt((law.scv - 1) / (law.scv + 1)));
    const [shortMs, longMs] = [meanMs / (2 * share), meanMs / (2 * (1 - share))];
    return (random) => random.exponential(random.uniform() < share ? shortMs : longMs);
  }
  const sigma = Math.sqrt(Math.log1p(law.scv));
  const mu = Math.log(meanMs) - 0.5 * sigma * sigma;
  return (random) => Math.exp(mu + sigma * random.normal());
}
