import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readImpacts, renderCataloguePage } from '../../reports/index.ts';
import { listScenarios, loadScenario } from '../../scenarios/index.ts';

const page = readFileSync(new URL('../../docs/scenarios.md', import.meta.url), 'utf8');
const scenarios = listScenarios().map(({ id }) => loadScenario(id));

describe('the page of the scenarios', () => {
  it('is what `npm run catalogue` writes of the files as they are', () => {
    expect(page).toBe(renderCataloguePage(scenarios, readImpacts(page)));
  });

  it('has a row for every scenario, and says of every faulty one who feels it', () => {
    const impacts = readImpacts(page);
    const faulty = scenarios.filter(({ faults }) => faults.length > 0).map(({ id }) => id);
    expect([...impacts.keys()].sort()).toEqual(faulty);
    for (const { id } of scenarios) expect(page).toMatch(new RegExp(`^\\| \`${id}\` +\\|`, 'm'));
  });

  it('keeps a bar in a cell from ending it, and shows a dash where nothing was measured', () => {
    const [first] = scenarios.filter(({ faults }) => faults.length > 0);
    if (!first) throw new Error('no scenario has a fault');
    const odd = { ...first, title: 'either | or' };
    const text = renderCataloguePage([odd], new Map());
    expect(text).toContain('either \\| or');
    expect(text).toMatch(/\| – +\|$/m);
    expect(readImpacts(text).size).toBe(0);
  });
});

describe('every shipped scenario', () => {
  it('says what it is a case of, what shows, and how hard it is', () => {
    expect(scenarios.filter(({ about }) => about === null).map(({ id }) => id)).toEqual([]);
  });

  it('that has to be remedied has a remedy and a trap', () => {
    const bare = scenarios.filter(
      ({ ends, remedies, traps }) =>
        (ends === 'remedied' || ends === 'metastable') &&
        (remedies.length === 0 || traps.length === 0),
    );
    expect(bare.map(({ id }) => id)).toEqual([]);
  });

  it('that ends silently is a rare one: at most 5 %', () => {
    const silent = scenarios.filter(({ ends }) => ends === 'silent');
    expect(silent.length).toBeLessThanOrEqual(0.05 * scenarios.length);
  });
});
