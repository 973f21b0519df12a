import { describe, expect, it } from 'vitest';
import { SteadyStateError } from '../../lab/episode-options.ts';
import { wasHarmful } from '../../lab/harm.ts';
import { checkSteadyState } from '../../lab/steady-state.ts';
import { type StubWorld, stubTwin } from './stub-twin.ts';

describe('harm', () => {
  /** Shares served in the three minutes to come, left alone and acted upon. */
  const isHarm = (alone: number, acted: number, past = 1): Promise<boolean> =>
    wasHarmful(stubTwin({ past, future: alone }), stubTwin({ past, future: acted }));

  it('is to lose more than 1 % of what is offered by acting', async () => {
    expect(await isHarm(1, 0.985)).toBe(true);
    expect(await isHarm(0.5, 0.485)).toBe(true);
    expect(await isHarm(1, 0.995)).toBe(false);
  });

  it('is not what would have been lost anyway, nor what came before', async () => {
    expect(await isHarm(0.5, 0.5)).toBe(false);
    expect(await isHarm(0.5, 1)).toBe(false);
    expect(
      await wasHarmful(stubTwin({ past: 1, future: 1 }), stubTwin({ past: 0, future: 1 })),
    ).toBe(false);
  });
});

describe('the steady state', () => {
  const check = (world: Omit<StubWorld, 'future'>): Promise<void> =>
    checkSteadyState(stubTwin({ ...world, future: 1 }));

  it('holds when 90 % of user requests are good and all replicas are ready', async () => {
    await expect(check({ past: 0.91, deployments: [{ ready: 2, wanted: 2 }] })).resolves.toBe(
      undefined,
    );
  });

  it('does not hold when users are served badly', async () => {
    await expect(check({ past: 0.89 })).rejects.toThrow(SteadyStateError);
    await expect(check({ past: 0.89 })).rejects.toThrow('89.0 % of user requests good');
  });

  it('bears one missing replica: clusters replace one now and then', async () => {
    const deployments = [
      { ready: 1, wanted: 2 },
      { ready: 0, wanted: 1 },
    ];
    await expect(check({ past: 1, deployments })).resolves.toBe(undefined);
  });

  it.each([
    { ready: 0, wanted: 2 },
    { ready: 1, wanted: 3 },
  ])(
    'bears one workload with $ready of $wanted replicas, not two, and says whose',
    async (missing) => {
      const one = [{ ready: 2, wanted: 2 }, missing];
      await expect(check({ past: 1, deployments: one })).resolves.toBe(undefined);
      const two = [...one, missing];
      await expect(check({ past: 1, deployments: two })).rejects.toThrow(
        'not ready: deployment/d1',
      );
    },
  );
});
