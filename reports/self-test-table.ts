import { renderColumns } from '../core/tools/index.ts';
import type { ScenarioSelfTest, SelfTestCheck, SelfTestReport } from '../core/truth/index.ts';
import { selfTestChecks } from '../core/truth/index.ts';
import { clean } from './terminal-text.ts';

const titles: Readonly<Record<SelfTestCheck['check'], string>> = {
  playable: 'plays',
  healthy_before: 'before',
  after_injection: 'injected',
  after_undo: 'undone',
  remedy: 'remedies',
  trap: 'traps',
  cheat: 'cheats',
  observability: 'seen',
  determinism: 'repeats',
};

/**
 * The self-test as text: per scenario the passed of the asked, what was skipped by name, and a line
 * with its replay command for every check that failed.
 */
export function renderSelfTestTable(report: SelfTestReport): string {
  const { scenarios, passed, failed, skipped } = report;
  const asked = selfTestChecks.filter((check) =>
    scenarios.some(({ checks }) => checks.some((entry) => entry.check === check)),
  );
  const head = ['scenario', 'topology', 'ends', 'onset', ...asked.map((check) => titles[check])];
  const rows = scenarios.map((scenario) => [
    clean(scenario.scenario),
    clean(scenario.topology),
    scenario.ends,
    onsetText(scenario),
    ...asked.map((check) => cellOf(scenario.checks.filter((entry) => entry.check === check))),
  ]);
  const parts = [renderColumns(head, rows)];
  parts.push(...scenarios.flatMap((scenario) => failureLines(scenario)));
  parts.push(...skippedLines(scenarios));
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  parts.push(`\n${scenarios.length} scenarios, seed ${report.seed}: ${counts}\n`);
  return parts.join('');
}

function onsetText({ onsetMs, injectedAtMs }: ScenarioSelfTest): string {
  if (injectedAtMs === null) return '–';
  return onsetMs === null ? 'none' : `+${Math.round((onsetMs - injectedAtMs) / 1000)}s`;
}

/** `3/3`; what was skipped does not count. */
function cellOf(checks: readonly SelfTestCheck[]): string {
  const asked = checks.filter(({ verdict }) => verdict !== 'skipped');
  if (asked.length === 0) return '–';
  const passed = asked.filter(({ verdict }) => verdict === 'passed').length;
  return passed === asked.length ? `${passed}` : `${passed}/${asked.length} !`;
}

function failureLines({ scenario, checks, replay }: ScenarioSelfTest): string[] {
  return checks
    .filter(({ verdict }) => verdict === 'failed')
    .map(({ check, subject, expected, measured }) => {
      const what = [check.replaceAll('_', ' '), subject].filter(Boolean).join(' ');
      const said = clean(`expected: ${expected}; measured: ${measured}`);
      return `\n${clean(scenario)}: ${what}: ${said}\n  ${clean(replay)}\n`;
    });
}

/** Cheats that could not be tried, counted by reason. */
function skippedLines(scenarios: readonly ScenarioSelfTest[]): string[] {
  const counts = new Map<string, number>();
  for (const { checks } of scenarios) {
    for (const { check, subject, verdict, measured } of checks) {
      if (verdict !== 'skipped') continue;
      const key = clean(`${check.replaceAll('_', ' ')} ${subject ?? ''}: ${measured}`);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const lines = [...counts].map(([key, count]) => `  ${count} × ${key}\n`);
  return lines.length > 0 ? ['\nskipped:\n', ...lines] : [];
}
