import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderEvaluationHtml, renderRunHtml } from '../../reports/index.ts';
import { fixtureEvaluation } from './evaluation-fixture.ts';
import { fixtureRecord } from './fixture.ts';
import { fixtureScorecard } from './fixture-scorecard.ts';
import { expectGolden } from './golden.ts';
import { poison } from './hostile.ts';

const plotly = 'window.Plotly = { react() {} }; // </script> <!-- inside a string of the bundle';
const render = (): string => renderRunHtml(fixtureRecord(), fixtureScorecard(), { plotly });

describe('run page', () => {
  it('is the same to the byte for the same record', () => {
    expect(render()).toBe(render());
    const digest = createHash('sha256').update(render()).digest('hex');
    expectGolden('run-page.sha256', `${digest}\n`);
  });

  it('names each script by its hash in a policy that allows no network', () => {
    const page = render();
    const policy =
      /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|unsafe-eval|script-src[^;]*unsafe-inline/);
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
      ([, text]) => text as string,
    );
    expect(scripts).toHaveLength(2);
    for (const script of scripts) {
      const hash = createHash('sha256').update(script).digest('base64');
      expect(policy).toContain(`'sha256-${hash}'`);
    }
  });

  it('loads nothing: no address outside the page', () => {
    const links = [...render().matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(links.every((address) => address?.startsWith('#'))).toBe(true);
  });

  it('tells all that matters without scripts', () => {
    const text = render()
      .replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '')
      .replace(/<[^>]+>/g, ' ');
    for (const needed of [
      'Passed',
      'recovered 2 m 2 s after users began to notice',
      'availability  0.9908   limit &gt; 0.99',
      'zone/us-east-1a (0.91)',
      'error_ratio service/frontend: 0.3391 (41.2)',
      'HGETALL cart:8f2c took 2000.9 ms on redis-cart',
      'connection timeout',
      'cooldown: 9 m 30 s left of 10 m',
      'npm run scenario zone_failure -- --seed 1007',
      'falseIncidentsPerDay',
      fixtureRecord().telemetry.digest,
    ]) {
      expect(text).toContain(needed);
    }
  });

  it('marks right and wrong suspects by the truth, not by their rank', () => {
    const record = {
      ...fixtureRecord(),
      truth: { ...fixtureRecord().truth, rootCauses: ['service/redis-cart'] },
    };
    const page = renderRunHtml(record, fixtureScorecard(), { plotly });
    const rows = [
      ...page.matchAll(/<tr><td class="num">\d<\/td><td class="mono nowrap">[\s\S]*?<\/tr>/g),
    ].map(([row]) => row);
    expect(rows.map((row) => row.includes('✓ right'))).toEqual([false, false, true, false]);
  });

  it('stays itself when every string of the record is hostile', () => {
    const page = renderRunHtml(poison(fixtureRecord()), poison(fixtureScorecard()), { plotly });
    expect(page).not.toMatch(/<img/i);
    expect(page.match(/<script/gi)).toHaveLength(3);
    expect(page.match(/<\/script/gi)).toHaveLength(3);
    expect(page).not.toMatch(/<[a-z][^>]*\sonerror=/i);
    expect(page).not.toContain('\u001b');
  });

  it('renders a record in which nothing happened', () => {
    const record = fixtureRecord();
    const quiet = {
      ...record,
      events: [],
      truth: {
        ...record.truth,
        injectedAtMs: null,
        onsetMs: null,
        rootCauses: [],
        affected: [],
        faultClass: null,
      },
      sli: {
        healed: record.sli.noFault,
        unhealed: record.sli.noFault,
        noFault: record.sli.noFault,
      },
      exhibits: {
        slowTrace: [],
        slowTraceFindings: [],
        logPatterns: { total: 0, distribution: {}, firstLines: [] },
      },
    };
    const card = fixtureScorecard();
    const page = renderRunHtml(
      quiet,
      {
        ...card,
        outcome: 'healthy',
        detection: {
          ...card.detection,
          truePositives: 0,
          recall: null,
          timeToDetectMs: null,
          incidents: [],
        },
        diagnosis: { ...card.diagnosis, suspects: [], top1: null, rank: null },
        healing: {
          ...card.healing,
          actions: [],
          recovered: null,
          timeToRecoverMs: null,
          recoveredAtMs: null,
        },
      },
      { plotly },
    );
    expect(page).toContain('No incident was opened.');
    expect(page).toContain('users never noticed anything');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('evaluation page', () => {
  it('carries every scenario with its interval, and do-nothing beside it', () => {
    const page = renderEvaluationHtml(fixtureEvaluation(), { plotly });
    expect(page).toMatch(/0.95\s<span class="interval">\[0.76, 0.99\]/);
    expect(page).toContain('MTTR, do nothing');
    expect(page).toContain('29.9 m [29.9, 30.0]');
    expect(page).toContain('1001 to 1020');
    expectGolden('evaluation-page.sha256', `${createHash('sha256').update(page).digest('hex')}\n`);
  });

  it('stays itself when every string is hostile', () => {
    const page = renderEvaluationHtml(poison(fixtureEvaluation()), { plotly });
    expect(page).not.toMatch(/<img/i);
    expect(page.match(/<script/gi)).toHaveLength(3);
  });
});
