import { createDrawKey, hashText, uniformAt, virtualEpochMs } from '../../core/tools/index.ts';

/** Work is placed on a grid of this width, whatever the scrape interval. */
const scrapeMs = 15_000;
const scrapesPerMinute = 4;
const dayMinutes = 1440;
/** Minutes of the day (UTC) at virtual time 0. */
const minuteAtZero = (virtualEpochMs / 60_000) % dayMinutes;
/** Debian's /etc/crontab: hourly jobs at 17 minutes past, daily ones at 06:25. */
const hourlyMinute = 17;
const dailyMinute = 385;
/** The hourly jobs are over within a scrape; rotation, indexes and package checks take minutes. */
const hourlyCores = 0.15;
const dailyCores = 0.6;
const dailyMinutesMax = 6;
/** A volume backup at night, on one node in six; read, compressed and sent by its agent. */
const backupMinute = 130;
const backupCores = 0.8;
const backupMinutesMax = 25;
const backupNodeShare = 1 / 6;

/** Share of services with work of their own: cache refresh, expiry of sessions, report of usage. */
const housekeepingShare = 0.5;
const housekeepingMinutes = [5, 10, 15, 30, 60] as const;
/** Cores of a process without requests, up to: Sock Shop's idlest take 0.0007, brokers 0.0065. */
const idleCoresMax = 0.006;
/** The most it adds to a process's CPU over the scrape in which it runs, as a share. */
const housekeepingMax = 0.8;

/** What a service's processes do for themselves. */
export interface Housekeeping {
  /** Scrapes from one time to the next; 0 for none. */
  readonly scrapes: number;
  readonly share: number;
  /** Cores that a process uses without requests. */
  readonly idleCores: number;
}

/**
 * CPU that serves no request and disturbs none, since the work waits for idle cores: what nodes'
 * cron tables and processes' own timers do. Stateless; sizes and phases differ by seed and entity.
 * The sizes are assumptions; that cloud CPU has such spikes, many at whole periods, is in NAB.
 */
export class PeriodicWork {
  readonly #key: number;
  readonly #housekeeping = new Map<string, Housekeeping>();

  constructor(seed: number) {
    this.#key = createDrawKey(seed, 'telemetry/periodic-work');
  }

  /** Cores that a node's own jobs used on average in the scrape window that ends at `untilMs`. */
  nodeCores(node: string, untilMs: number): number {
    const minutes = minuteAtZero + Math.floor((untilMs - 1) / 60_000);
    const minute = ((minutes % dayMinutes) + dayMinutes) % dayMinutes;
    const entity = hashText(node);
    const size = uniformAt(this.#key, entity, 0);
    // The first scrape of the minute holds what a job of some seconds used.
    const isFirst = Math.floor((untilMs - 1) / scrapeMs) % scrapesPerMinute === 0;
    let cores = minute % 60 === hourlyMinute && isFirst ? hourlyCores * (0.5 + size) : 0;
    if (isWithin(minute - dailyMinute, 1 + size * dailyMinutesMax)) cores += dailyCores;
    if (uniformAt(this.#key, entity, 1) >= backupNodeShare) return cores;
    return isWithin(minute - backupMinute, size * backupMinutesMax) ? cores + backupCores : cores;
  }

  /** What the processes of a service do. */
  housekeepingOf(service: string): Housekeeping {
    return this.#housekeeping.get(service) ?? this.#assign(service);
  }

  #assign(service: string): Housekeeping {
    const entity = hashText(service);
    const u = uniformAt(this.#key, entity, 2);
    const choice = Math.floor((u / housekeepingShare) * housekeepingMinutes.length);
    const minutes = housekeepingMinutes[choice] ?? 0;
    const own = {
      scrapes: (minutes * 60_000) / scrapeMs,
      share: housekeepingMax * uniformAt(this.#key, entity, 3),
      idleCores: idleCoresMax * (0.1 + 0.9 * uniformAt(this.#key, entity, 4)),
    };
    this.#housekeeping.set(service, own);
    return own;
  }
}

/** The factor on a process's CPU in a scrape window; 1 but for now and then. */
export function podFactor(
  { scrapes, share }: { readonly scrapes: number; readonly share: number },
  entity: number,
  untilMs: number,
): number {
  if (scrapes === 0) return 1;
  return (Math.floor((untilMs - 1) / scrapeMs) + entity) % scrapes === 0 ? 1 + share : 1;
}

function isWithin(since: number, length: number): boolean {
  return since >= 0 && since < length;
}
