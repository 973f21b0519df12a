/** What tells a trial of a stack from its others. */
export interface TrialName {
  readonly scenario: string;
  readonly seed: number;
}

export function trialKey({ scenario, seed }: TrialName): string {
  return `${scenario} ${seed}`;
}
