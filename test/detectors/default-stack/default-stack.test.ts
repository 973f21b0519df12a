import { describe, expect, it } from 'vitest';
import type { Incident, MetricsFrame, SeriesDescriptor } from '../../../core/observable/index.ts';
import { createStream } from '../../../core/tools/index.ts';
import type { IncidentChange } from '../../../detectors/index.ts';
import { createDetector, findAnomalies, IncidentTracker } from '../../../detectors/index.ts';
import type { ShopPlan } from '../synthetic-cluster.ts';
import { SyntheticShop, shopTopology } from '../synthetic-cluster.ts';

const warmUpScrapes = 80;

/** Runs the default stack over a shop; the warm-up is learnt, not watched. */
function watch(plan: ShopPlan, scrapes: number, seed = 1): IncidentChange[] {
  const shop = new SyntheticShop(seed, plan);
  return watchFrames((scrape) => shop.frame(scrape), scrapes);
}

/** The same without any signal of users. */
function watchBlind(plan: ShopPlan, scrapes: number): IncidentChange[] {
  const shop = new SyntheticShop(1, plan);
  return watchFrames((scrape) => withoutUsers(shop.frame(scrape)), scrapes);
}

function withoutUsers({ atMs, index, values }: MetricsFrame): MetricsFrame {
  const kept = [...values.keys()].filter(
    (column) => !index.series[column]?.component.startsWith('user/'),
  );
  return {
    atMs,
    index: { series: kept.map((column) => index.series[column] as SeriesDescriptor) },
    values: Float64Array.from(kept, (column) => values[column] as number),
  };
}

function watchFrames(frameAt: (scrape: number) => MetricsFrame, scrapes: number): IncidentChange[] {
  const detector = createDetector('default');
  const tracker = new IncidentTracker(shopTopology);
  const changes: IncidentChange[] = [];
  for (let i = -warmUpScrapes; i < scrapes; i += 1) {
    const frame = frameAt(i);
    const anomalies = findAnomalies(detector, frame);
    detector.learn(frame);
    if (i >= 0) changes.push(...tracker.observe(frame.atMs, anomalies, frame));
  }
  return changes;
}

const opened = (changes: readonly IncidentChange[]): Incident[] =>
  changes.filter(({ type }) => type === 'opened').map(({ incident }) => incident);

const atScrape = (scrape: number): number => scrape * 15_000;

describe('default stack', () => {
  it('judges a column the same wherever it stands', () => {
    // More columns than the detector looks at in one go.
    const copies = 2_500;
    const series = Array.from({ length: copies }, (_, i): SeriesDescriptor => {
      return { signal: 'in_flight_requests', component: `pod/shop/cart-${i}`, labels: {} };
    });
    const one = createDetector('default');
    const many = createDetector('default');
    const noise = createStream(1, 'wherever');
    let heard = 0;
    for (let scrape = 0; scrape < 120; scrape += 1) {
      const value = scrape % 37 === 36 ? Number.NaN : (scrape >= 100 ? 60 : 5) + noise.next();
      const frameOf = (columns: number): MetricsFrame => ({
        atMs: atScrape(scrape),
        index: { series: series.slice(0, columns) },
        values: new Float64Array(columns).fill(value),
      });
      const alone = frameOf(1);
      const all = frameOf(copies);
      const z = one.score(alone).zScores[0] as number;
      expect(many.score(all).zScores).toEqual(new Float64Array(copies).fill(z));
      if (Math.abs(z) >= 5) heard += 1;
      one.learn(alone);
      many.learn(all);
    }
    expect(heard).toBeGreaterThan(0);
  });

  it.each([1, 2, 3])(
    'opens nothing in a healthy day with roll-outs and cold starts, seed %i',
    (seed) => {
      const changes = watch(
        (scrape, state) => {
          state.generation = Math.floor((scrape + 100) / 1500);
          if (scrape % 1500 >= 1400 && scrape % 1500 < 1408) state.latencyFactor.set('cart', 1.35);
          if (scrape > 2000 && scrape < 3000) state.load *= 1.5;
        },
        5760,
        seed,
      );
      expect(opened(changes)).toEqual([]);
    },
  );

  it('sees all users failing at the first scrape, as one critical incident', () => {
    const changes = watch((scrape, state) => {
      if (scrape < 100) return;
      state.userErrorRatio.value = 0.9;
      for (const service of ['frontend', 'checkout', 'cart']) state.errorRatio.set(service, 0.9);
      if (scrape >= 104) for (const node of ['n1', 'n2']) state.nodesDown.add(node);
    }, 160);
    const [incident, ...others] = opened(changes);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      openedAtMs: atScrape(100),
      severity: 'critical',
      id: 'inc-1',
    });
    const last = changes.at(-1)?.incident as Incident;
    expect(last.components).toEqual(expect.arrayContaining(['node/n1', 'node/n2', 'user/buy']));
  });

  it('files a slow data store under the store, not under its callers', () => {
    const changes = watch((scrape, state) => {
      if (scrape < 100) return;
      state.latencyFactor.set('cart-db', 9).set('cart', 8);
      state.userLatencyFactor.value = 12;
    }, 140);
    const incidents = opened(changes);
    expect(incidents).toHaveLength(1);
    expect(incidents[0]?.openedAtMs).toBeLessThanOrEqual(atScrape(112));
    expect(incidents[0]?.component).toBe('service/cart-db');
    expect(incidents[0]?.summary.join()).toMatch(
      /latency_ms_p95\{service\/cart-db\}: \d+(\.\d+)? \(\d+\.\d\)/,
    );
  });

  it('waits until a third of the users fail for three scrapes, and lets a blip pass', () => {
    const failFor = (scrapes: number): Incident[] =>
      opened(
        watch((scrape, state) => {
          if (scrape >= 100 && scrape < 100 + scrapes) state.userErrorRatio.value = 0.35;
        }, 140),
      );
    expect(failFor(1)).toEqual([]);
    expect(failFor(30)[0]?.openedAtMs).toBe(atScrape(102));
  });

  it('waits shorter when a node has failed before', () => {
    const openedAt = (isForetold: boolean): number | undefined =>
      opened(
        watch((scrape, state) => {
          if (isForetold && scrape >= 96) state.nodesDown.add('n1');
          if (scrape >= 100) state.userErrorRatio.value = 0.35;
        }, 140),
      )[0]?.openedAtMs;
    expect(openedAt(true)).toBe(atScrape(100));
    expect(openedAt(false)).toBe(atScrape(102));
  });

  it('goes on telling of components for two minutes after users are well again, no longer', () => {
    const lastToldOf = (until: number): number => {
      const changes = watch((scrape, state) => {
        if (scrape >= 100 && scrape < 103) state.userErrorRatio.value = 0.9;
        if (scrape >= 101 && scrape < until) state.errorRatio.set('cart', 0.02 * (scrape - 98));
      }, 200);
      return Math.max(...changes.map(({ incident }) => incident.updatedAtMs));
    };
    expect(lastToldOf(140)).toBeGreaterThanOrEqual(atScrape(106));
    expect(lastToldOf(140)).toBeLessThanOrEqual(atScrape(112));
  });

  it('ends with the trouble, however long and grave it was', () => {
    const changes = watch((scrape, state) => {
      if (scrape >= 100 && scrape < 150) state.userErrorRatio.value = 0.9;
    }, 260);
    const closed = changes.find(({ type }) => type === 'closed')?.incident;
    expect(closed?.closedAtMs).toBeLessThanOrEqual(atScrape(150 + 8 + 12 + 1));
  });

  it('does not get used to failures while it doubts them', () => {
    const changes = watch((scrape, state) => {
      if (scrape >= 0 && scrape < 60) state.userErrorRatio.value = 0.35;
      if (scrape >= 160) state.userErrorRatio.value = 0.35;
    }, 190);
    expect(opened(changes)[1]?.openedAtMs).toBe(atScrape(162));
  });

  it('falls back on components when nothing is heard of users for ten minutes', () => {
    const shop = new SyntheticShop(1, (scrape, state) => {
      if (scrape < 160) return;
      state.errorRatio.set('cart', 0.5);
      state.latencyFactor.set('cart', 9);
    });
    const silenceFrom = (from: number): Incident[] =>
      opened(
        watchFrames((scrape) => {
          const frame = shop.frame(scrape);
          if (scrape < from) return frame;
          const values = frame.values.map((value, i) =>
            frame.index.series[i]?.component.startsWith('user/') ? Number.NaN : value,
          );
          return { ...frame, values };
        }, 200),
      );
    expect(silenceFrom(100)[0]?.component).toBe('service/cart');
  });

  it('does not take a component in trouble for users in trouble', () => {
    const changes = watch((scrape, state) => {
      if (scrape >= 100) state.errorRatio.set('mailer', 0.5);
      if (scrape >= 100) state.latencyFactor.set('cart', 9);
    }, 160);
    expect(opened(changes)).toEqual([]);
  });

  describe('where nobody measures users', () => {
    it('warns minutes before steadily climbing memory is full', () => {
      const changes = watchBlind((scrape, state) => {
        if (scrape >= 100) state.memory.set('cart', Math.min(1, 0.5 + 0.005 * (scrape - 100)));
      }, 210);
      const [incident] = opened(changes);
      expect(incident?.component).toBe('service/cart');
      expect(incident?.openedAtMs).toBeLessThan(atScrape(180));
    });

    it('warns of a leak in pods that were made with it', () => {
      const changes = watchBlind((scrape, state) => {
        if (scrape < 100) return;
        state.generation = 1;
        state.memory.set('cart', Math.min(1, 0.3 + 0.025 * (scrape - 100)));
      }, 128);
      const [incident] = opened(changes);
      expect(incident).toMatchObject({ component: 'service/cart', severity: 'warning' });
      expect(incident?.openedAtMs).toBeLessThan(atScrape(118));
      expect(incident?.anomalies[0]?.expected).toBeCloseTo(0.3, 1);
    });

    it('does not open on one signal of a component alone', () => {
      const changes = watchBlind((scrape, state) => {
        if (scrape >= 100) state.errorRatio.set('mailer', 0.5);
      }, 130);
      expect(opened(changes)).toEqual([]);
    });

    it('opens on two signals of a component that agree for minutes', () => {
      const changes = watchBlind((scrape, state) => {
        if (scrape < 100) return;
        state.errorRatio.set('cart', 0.5);
        state.latencyFactor.set('cart', 9);
      }, 130);
      expect(opened(changes)[0]?.component).toBe('service/cart');
      expect(opened(changes)[0]?.openedAtMs).toBeGreaterThan(atScrape(104));
    });
  });

  it('is not fooled by a process that boots badly', () => {
    const changes = watch((scrape, state) => {
      if (scrape < -74) state.userErrorRatio.value = 1;
      if (scrape < -74) state.userLatencyFactor.value = 20;
      if (scrape >= 20) state.userErrorRatio.value = 0.8;
    }, 40);
    expect(opened(changes)[0]?.openedAtMs).toBe(atScrape(20));
  });

  it('takes a level that stays for the new norm and closes the incident', () => {
    const changes = watch((scrape, state) => {
      if (scrape >= 100) state.userLatencyFactor.value = 12;
    }, 450);
    expect(changes.map(({ type }) => type)).toEqual(expect.arrayContaining(['opened', 'closed']));
    expect(opened(changes)).toHaveLength(1);
  });

  it('tells of a resource only beside a symptom', () => {
    const busy: ShopPlan = (scrape, state) => {
      if (scrape >= 100) state.load *= 2.5;
    };
    expect(opened(watch(busy, 140))).toEqual([]);
    const failing: ShopPlan = (scrape, state) => {
      busy(scrape, state);
      if (scrape >= 103) state.userErrorRatio.value = 0.8;
    };
    const last = watch(failing, 140).at(-1)?.incident as Incident;
    expect(last.anomalies.map(({ signal }) => signal)).toContain('cpu_utilization');
  });
});
