import type { ScenarioEnd } from './scenario.ts';

/** What a self-test asks of a scenario; `subject` says of which remedy, trap or cheat. */
export const selfTestChecks = [
  'playable',
  'healthy_before',
  'after_injection',
  'after_undo',
  'remedy',
  'trap',
  'cheat',
  'observability',
  'determinism',
] as const;

export type SelfTestCheckName = (typeof selfTestChecks)[number];

/** One question to a scenario, and its answer. */
export interface SelfTestCheck {
  readonly check: SelfTestCheckName;
  readonly subject: string | null;
  /** `skipped`: the question makes no sense here; `measured` says why. */
  readonly verdict: 'passed' | 'failed' | 'skipped';
  readonly expected: string;
  readonly measured: string;
}

/** What one seed of one scenario showed. */
export interface ScenarioSelfTest {
  readonly scenario: string;
  readonly topology: string;
  readonly ends: ScenarioEnd;
  readonly seed: number;
  /** When the first fault was injected; null in a healthy scenario. */
  readonly injectedAtMs: number | null;
  /** When users first felt it without a healer; null when they never did. */
  readonly onsetMs: number | null;
  readonly checks: readonly SelfTestCheck[];
  /** The command that makes these checks again. */
  readonly replay: string;
}

/**
 * `validate --all`: every check of every scenario. Field names are a contract: add, don't rename.
 */
export interface SelfTestReport {
  readonly schemaVersion: 1;
  readonly seed: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly scenarios: readonly ScenarioSelfTest[];
}
