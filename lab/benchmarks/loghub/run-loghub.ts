import { mean } from '../../../core/tools/index.ts';
import type { BenchmarkReport } from '../benchmark-report.ts';
import { type Contestant, contestants } from './contestants.ts';
import { type LogSystem, loadLoghub } from './corpus.ts';
import { publishedParsers } from './published.ts';
import { scoreTemplates } from './scorer.ts';

/** Ratios from 0 to 1; null where a figure is not known or not defined. */
interface LoghubScores {
  /** Grouping accuracy on the original labels by event id, comparable with the published table. */
  readonly GA: number | null;
  /** F1 over groups, on the corrected labels by template, as are the next two. */
  readonly FGA: number | null;
  /** Share of lines with the true template. */
  readonly PA: number | null;
  /** F1 over templates. */
  readonly FTA: number | null;
}

type ScoreKey = keyof LoghubScores;

/** Means over systems, whose number is `n`; entities are systems, and `n` counts their lines. */
export interface LoghubReport extends BenchmarkReport<LoghubScores> {
  /** Systems without corrected labels: FGA, PA and FTA are on the original ones there. */
  readonly uncorrected: readonly string[];
}

/** Called before each piece of work, and at the end with `done` equal to `total`. */
type OnProgress = (done: number, total: number, label: string) => void;

/**
 * Scores our template miner on the systems of Loghub-2k (Zhu et al., ISSRE 2023) in `dir`, beside
 * baselines and the published table: one configuration for all systems, each read once as a stream.
 */
export function runLoghub(dir: string, onProgress: OnProgress = () => {}): LoghubReport {
  const systems = loadLoghub(dir);
  const total = systems.length * contestants.length;
  const entities: LoghubReport['entities'][number][] = [];
  const rows: LoghubReport['rows'][number][] = [];
  contestants.forEach((contestant, index) => {
    const own = systems.map((system, at) => {
      onProgress(index * systems.length + at, total, `${contestant.name} ${system.name}`);
      return scoreSystem(contestant, system);
    });
    entities.push(...own);
    rows.push({
      name: contestant.name,
      kind: contestant.kind,
      scores: meanScores(own.map(({ scores }) => scores)),
      n: systems.length,
    });
  });
  onProgress(total, total, 'done');
  for (const { name, groupingAccuracy } of publishedParsers(systems.map((one) => one.name))) {
    const scores = [...groupingAccuracy.values()].map(onlyAccuracy);
    rows.push({ name, kind: 'published', scores: meanScores(scores), n: scores.length });
    for (const system of systems) {
      const accuracy = groupingAccuracy.get(system.name);
      if (accuracy === undefined) continue;
      const n = system.original.contents.length;
      entities.push({ name: system.name, row: name, scores: onlyAccuracy(accuracy), n });
    }
  }
  const uncorrected = systems.filter((one) => one.corrected === null).map(({ name }) => name);
  return { benchmark: 'loghub', default: 'default', rows, entities, uncorrected };
}

function scoreSystem(
  contestant: Contestant,
  { name, original, corrected }: LogSystem,
): LoghubReport['entities'][number] {
  const parsed = contestant.parse(original.contents);
  const byId = { groups: original.eventIds, templates: original.templates };
  const labels = corrected ?? original;
  const reparsed = corrected ? contestant.parse(corrected.contents) : parsed;
  const byTemplate = { groups: labels.templates, templates: labels.templates };
  const { groupF1, parsingAccuracy, templateF1 } = scoreTemplates(reparsed, byTemplate);
  return {
    name,
    row: contestant.name,
    scores: {
      GA: scoreTemplates(parsed, byId).groupingAccuracy,
      FGA: groupF1,
      PA: parsingAccuracy,
      FTA: templateF1,
    },
    n: original.contents.length,
  };
}

function onlyAccuracy(GA: number): LoghubScores {
  return { GA, FGA: null, PA: null, FTA: null };
}

function meanScores(scores: readonly LoghubScores[]): LoghubScores {
  const meanOf = (key: ScoreKey): number | null => {
    const values = scores.map((one) => one[key]).filter((value) => value !== null);
    return values.length === scores.length ? mean(values) : null;
  };
  return { GA: meanOf('GA'), FGA: meanOf('FGA'), PA: meanOf('PA'), FTA: meanOf('FTA') };
}
