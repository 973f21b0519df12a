import type { LogRecord, Topology } from '../core/observable/index.ts';

/** What known failures look like in log text; the first that matches names the line. */
const patterns: readonly { readonly name: string; readonly expression: RegExp }[] = [
  {
    name: 'connection_timeout',
    expression: /connect(?:ion)? time(?:d )?-?out|i\/o timeout|deadline exceeded|ETIMEDOUT/i,
  },
  {
    name: 'out_of_memory',
    expression: /out ?of ?memory|OOM-?kill|cannot allocate memory|java heap space/i,
  },
  {
    name: 'disk_full',
    expression: /disk (?:is )?full|no space left on device|ENOSPC|disk quota exceeded/i,
  },
  {
    name: 'authentication_failed',
    expression: /authentication (?:failed|failure|error)|unauthenticated|invalid credentials/i,
  },
  {
    name: 'null_pointer',
    expression:
      /null ?pointer|nil pointer dereference|cannot read propert\w+ of (?:null|undefined)/i,
  },
  { name: 'connection_refused', expression: /connection refused|ECONNREFUSED/i },
];

/** The error lines of some logs by known pattern. */
interface LogPatternReport {
  /** Number of lines of severity ERROR or FATAL. */
  readonly total: number;
  /** Lines per pattern, most frequent first; `unknown` counts lines that match none. */
  readonly distribution: Readonly<Record<string, number>>;
  /** The most frequent known pattern; `unknown` when no line matches any. */
  readonly dominant: string;
  /** The first ten error lines. */
  readonly firstLines: readonly LogRecord[];
}

const firstLinesMax = 10;

/**
 * Sorts error lines (ERROR, FATAL) into known failure patterns; case-insensitive, first match wins.
 * Fails on wording it does not know (`unknown`). Cost: six expressions per error line.
 */
export function analyseLogPatterns(logs: readonly LogRecord[]): LogPatternReport {
  const firstLines: LogRecord[] = [];
  const counts = new Map<string, number>();
  let total = 0;
  for (const record of logs) {
    if (!isErrorLine(record)) continue;
    total += 1;
    if (firstLines.length < firstLinesMax) firstLines.push(record);
    const name = patternOf(record.body);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const dominant = sorted.find(([name]) => name !== 'unknown')?.[0] ?? 'unknown';
  return { total, distribution: Object.fromEntries(sorted), dominant, firstLines };
}

/** Whether a record is of severity ERROR or FATAL. */
export function isErrorLine(record: LogRecord): boolean {
  return record.severity === 'ERROR' || record.severity === 'FATAL';
}

/** The first known pattern that the text matches, or `unknown`. */
function patternOf(body: string): string {
  for (const { name, expression } of patterns) if (expression.test(body)) return name;
  return 'unknown';
}

/**
 * Tells which service an error line accuses: the first other service that it names (`dial tcp
 * cartservice:7070: i/o timeout`, `no answer from cartservice`), for the caller only reports;
 * otherwise the service that wrote it.
 */
export function createAccuser(topology: Topology): (record: LogRecord) => string {
  const names = topology.services.map(({ name }) => name).sort((a, b) => b.length - a.length);
  const escaped = names.map((name) => name.replace(/[^a-z0-9-]/gi, '\\$&'));
  const mention = new RegExp(`(?<![\\w-])(?:${escaped.join('|')})(?![\\w-])`, 'gi');
  return ({ body, resource }) => {
    for (const [name] of names.length === 0 ? [] : body.matchAll(mention)) {
      if (name.toLowerCase() !== resource.service.toLowerCase()) return name.toLowerCase();
    }
    return resource.service;
  };
}
