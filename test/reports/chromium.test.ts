import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderDetectHtml, renderEvaluationHtml, renderRunHtml } from '../../reports/index.ts';
import { fixtureDetection } from './detect-fixture.ts';
import { fixtureEvaluation } from './evaluation-fixture.ts';
import { fixtureRecord } from './fixture.ts';
import { fixtureScorecard } from './fixture-scorecard.ts';
import { poison } from './hostile.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const isAbsent = !existsSync(executablePath);
const reason = isAbsent ? ` (skipped: no Chromium at ${executablePath}; set CHROMIUM_PATH)` : '';
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What the page says of itself. */
interface Seen {
  readonly charts: readonly {
    readonly id: string;
    readonly points: number;
    readonly drawn: number;
  }[];
  readonly images: number;
  readonly hit?: unknown;
  readonly overflow: number;
}

/** What a browser made of a page. */
interface Opened extends Seen {
  readonly problems: readonly string[];
  readonly requests: readonly string[];
  readonly screenshotBytes: number;
}

describe.skipIf(isAbsent)(`pages in real Chromium${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-report-'));
  const assets = {
    plotly: readFileSync(
      createRequire(import.meta.url).resolve('plotly.js-cartesian-dist-min'),
      'utf8',
    ),
  };
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(() => browser.close());

  async function open(
    name: string,
    page: string,
    options: { dark?: boolean; width?: number } = {},
  ): Promise<Opened> {
    const path = join(folder, `${name}.html`);
    writeFileSync(path, page);
    const tab = await browser.newPage({
      viewport: { width: options.width ?? 1280, height: 900 },
      colorScheme: options.dark ? 'dark' : 'light',
    });
    const problems: string[] = [];
    const requests: string[] = [];
    tab.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    tab.on('pageerror', (error) => problems.push(error.message));
    tab.on('request', (request) => requests.push(request.url()));
    await tab.goto(pathToFileURL(path).href);
    await tab.waitForFunction(
      `[...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('.xy'))`,
    );
    const screenshot = join(folder, `${name}.png`);
    await tab.screenshot({ path: screenshot, fullPage: true });
    // Text, not a function: it runs in the page, whose types this project does not load.
    const seen = await tab.evaluate<Seen>(`({
      charts: [...document.querySelectorAll('.chart')].map((chart) => ({
        id: chart.id,
        points: chart.data.reduce((n, trace) => n + trace.x.length, 0),
        drawn: chart.querySelectorAll('.scatterlayer .trace').length,
      })),
      images: document.images.length,
      hit: window.hit,
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    })`);
    await tab.close();
    return { ...seen, problems, requests, screenshotBytes: statSync(screenshot).size };
  }

  function expectSound(opened: Opened, ids: readonly string[]): void {
    expect(opened.problems).toEqual([]);
    expect(
      opened.requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:')),
    ).toEqual([]);
    expect(opened.charts.map((chart) => chart.id)).toEqual(ids);
    for (const { points, drawn } of opened.charts) {
      expect(points).toBeGreaterThan(2);
      expect(drawn).toBeGreaterThan(1);
    }
    expect(opened.screenshotBytes).toBeGreaterThan(20_000);
  }

  it('draws a run, light and dark, without an error or a request', async () => {
    const page = renderRunHtml(fixtureRecord(), fixtureScorecard(), assets);
    expectSound(await open('run-light', page), ['timeline', 'harm']);
    expectSound(await open('run-dark', page, { dark: true }), ['timeline', 'harm']);
  });

  it('fits a telephone: nothing but tables and pictures scrolls sideways', async () => {
    const page = renderRunHtml(fixtureRecord(), fixtureScorecard(), assets);
    expect((await open('run-narrow', page, { width: 390 })).overflow).toBe(0);
  });

  it('draws an evaluation', async () => {
    expectSound(await open('evaluation', renderEvaluationHtml(fixtureEvaluation(), assets)), [
      'operating',
      'precision-recall',
      'delays',
      'rates',
      'recovery',
      'reliability',
    ]);
  });

  it('draws what was found in series of a user, with a chart for each', async () => {
    const { report, curves } = fixtureDetection();
    const opened = await open('detect', renderDetectHtml(report, curves, assets));
    expectSound(opened, ['series-0', 'series-1']);
  });

  it('runs no script and loads no picture that came in with the telemetry', async () => {
    const opened = await open(
      'hostile',
      renderRunHtml(poison(fixtureRecord()), poison(fixtureScorecard()), assets),
    );
    expectSound(opened, ['timeline', 'harm']);
    expect(opened.images).toBe(0);
    expect(opened.hit).toBeUndefined();
  });

  it('stays under two megabytes, most of which is the bundle', () => {
    const page = renderRunHtml(fixtureRecord(), fixtureScorecard(), assets);
    expect(page.length - assets.plotly.length).toBeLessThan(300_000);
    expect(page.length).toBeLessThan(2_000_000);
  });
});
