import type { Evaluation, Scorecard } from '../core/truth/index.ts';

/** One case of a JUnit file: `failure` says in a line what was missed; null when it passed. */
export interface JunitCase {
  readonly className: string;
  readonly name: string;
  readonly seconds: number;
  readonly failure: string | null;
  /** Why it says nothing; such a case has neither passed nor failed. */
  readonly skipped?: string;
  /** More about it, e.g. the command that shows it again. */
  readonly detail: string;
}

/** Cases in the JUnit XML that CI systems read (GitHub, GitLab, Jenkins); one suite. */
export function renderJunit(suite: string, cases: readonly JunitCase[]): string {
  const failures = cases.filter(({ failure }) => failure !== null).length;
  const skipped = cases.filter((one) => one.skipped !== undefined).length;
  const seconds = cases.reduce((sum, one) => sum + one.seconds, 0);
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${timeText(seconds)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="firedrill" ${counts}>`,
    `  <testsuite name="${escapeXml(suite)}" ${counts}>`,
    ...cases.map(caseText),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseText({ className, name, seconds, failure, skipped, detail }: JunitCase): string {
  const attributes = `classname="${escapeXml(className)}" name="${escapeXml(name)}" time="${timeText(seconds)}"`;
  if (skipped !== undefined) {
    const body = `<skipped message="${escapeXml(skipped)}"/>`;
    return `    <testcase ${attributes}>\n      ${body}\n    </testcase>`;
  }
  if (failure === null) {
    return detail
      ? `    <testcase ${attributes}>\n      <system-out>${escapeXml(detail)}</system-out>\n    </testcase>`
      : `    <testcase ${attributes}/>`;
  }
  const body = `<failure message="${escapeXml(failure)}">${escapeXml(detail)}</failure>`;
  return `    <testcase ${attributes}>\n      ${body}\n    </testcase>`;
}

function timeText(seconds: number): string {
  return seconds.toFixed(3);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for XML 1.0, which has no place for most control characters, escaped or not. */
function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
  const legal = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
  return legal.replace(/[&<>"']/g, (character) => entities[character] as string);
}

/**
 * Trials as cases of their scenario's class, with the replay line. Where somebody heals, missed
 * criteria are failures; where nobody does, undetected faults and false incidents are.
 */
export function evaluationCases(
  scorecards: readonly Scorecard[],
  options: { readonly contestant: string | null; readonly isHealed: boolean },
): JunitCase[] {
  const { contestant, isHealed } = options;
  return scorecards.map((card) => ({
    className: contestant === null ? card.scenario.id : `${contestant}.${card.scenario.id}`,
    name: `seed ${card.seed}`,
    seconds: card.performance.simulatedMs / 1000,
    failure: isHealed ? missedCriteria(card) : missedDetection(card),
    detail: card.replay,
  }));
}

/** Trials that were left out, as skipped cases of their scenario's class. */
export function leftOutCases(leftOut: Evaluation['leftOut']): JunitCase[] {
  return leftOut.map(({ scenario, seed, why }) => ({
    className: scenario,
    name: `seed ${seed}`,
    seconds: 0,
    failure: null,
    skipped: why,
    detail: '',
  }));
}

function missedCriteria({ outcome, resilience }: Scorecard): string | null {
  if (resilience.passed) return null;
  const missed = resilience.criteria
    .filter(({ passed }) => !passed)
    .map(({ name, limit, value }) => `${name} ${value ?? 'none'}, expected ${limit}`);
  return `${outcome}: ${missed.join('; ')}`;
}

function missedDetection({ detection }: Scorecard): string | null {
  const parts: string[] = [];
  if (detection.falseNegatives > 0) parts.push('the fault was not detected');
  if (detection.falsePositives > 0) parts.push(`${detection.falsePositives} false incidents`);
  return parts.join('; ') || null;
}
