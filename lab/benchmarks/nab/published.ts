import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InputError } from '../../../core/tools/index.ts';
import type { NabSeries } from './corpus.ts';
import { readCorpusJson } from './corpus.ts';
import type { NabProfile } from './scorer.ts';

/** The names of the three profiles in NAB's own files, by our score keys. */
const profileNames = {
  standard: 'standard',
  lowFP: 'reward_low_FP_rate',
  lowFN: 'reward_low_FN_rate',
} as const;

export type ProfileKey = keyof typeof profileNames;

export const profileKeys: readonly ProfileKey[] = ['standard', 'lowFP', 'lowFN'];

/** Reads the three cost profiles from `config/profiles.json`. */
export function loadProfiles(dir: string): Readonly<Record<ProfileKey, NabProfile>> {
  const path = 'config/profiles.json';
  const file = readCorpusJson<Record<string, { CostMatrix: Record<string, number> }>>(dir, path);
  const read = (key: ProfileKey): NabProfile => {
    const costs = file[profileNames[key]]?.CostMatrix;
    const { tpWeight, fpWeight, fnWeight } = costs ?? {};
    if (tpWeight === undefined || fpWeight === undefined || fnWeight === undefined) {
      throw new InputError(
        `NAB corpus: ${join(dir, path)} lacks the weights of ${profileNames[key]}`,
        { hint: 'restore the file from the NAB repository' },
      );
    }
    return { truePositive: tpWeight, falsePositive: fpWeight, falseNegative: fnWeight };
  };
  return { standard: read('standard'), lowFP: read('lowFP'), lowFN: read('lowFN') };
}

/**
 * The published scores from `results/final_results.json`, best standard score first; none without
 * it.
 */
export function loadPublished(
  dir: string,
): readonly { readonly name: string; readonly scores: Readonly<Record<ProfileKey, number>> }[] {
  const path = 'results/final_results.json';
  if (!existsSync(join(dir, path))) return [];
  const table = readCorpusJson<Record<string, Record<string, number>>>(dir, path);
  return Object.entries(table)
    .map(([name, row]) => ({
      name,
      scores: {
        standard: row[profileNames.standard] as number,
        lowFP: row[profileNames.lowFP] as number,
        lowFN: row[profileNames.lowFN] as number,
      },
    }))
    .sort((a, b) => b.scores.standard - a.scores.standard || (a.name < b.name ? -1 : 1));
}

/** The published per-row scores of one detector from `results/per-row/<detector>.csv.gz`. */
export function loadPerRowScores(
  dir: string,
  detector: string,
  series: readonly NabSeries[],
): Float64Array[] {
  const file = join(dir, 'results', 'per-row', `${detector}.csv.gz`);
  if (!existsSync(file)) {
    throw new InputError(`NAB corpus: expected the file ${file}, found none`, {
      hint: 'per-row results are only needed to check the scorer',
    });
  }
  const indexOf = new Map(series.map(({ name }, index) => [name, index]));
  const scores = series.map(({ values }) => new Float64Array(values.length).fill(Number.NaN));
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  for (let i = 1; i < lines.length; i += 1) {
    const [name, row, score] = (lines[i] as string).split(',');
    const target = scores[indexOf.get(name as string) ?? -1];
    if (target) target[Number(row)] = Number(score);
  }
  return scores;
}
