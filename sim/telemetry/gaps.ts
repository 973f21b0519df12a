import { createDrawKey, hashText, uniformAt } from '../../core/tools/index.ts';

/** Gaps are drawn per block of so many scrapes, at most one each: one draw tells of most blocks. */
const blockScrapes = 64;

/** How often something is not scraped, and for how long. */
interface GapKind {
  /** Chance of a gap per block (16 min at a 15 s scrape). */
  readonly chance: number;
  /** Chance that a gap goes on for another scrape, and its longest length. */
  readonly goesOn: number;
  readonly scrapesMax: number;
}

/**
 * One target: some 1e-3 of its scrapes, a third of them in runs. An assumption of the order that
 * Prometheus operators report; NAB's cloud metrics miss 0 to 2e-3 of their points.
 */
const targetGap: GapKind = { chance: 0.04, goesOn: 0.35, scrapesMax: 12 };
/**
 * All targets of a zone at once, for one scrape: a link that flaps, or a scraper's share of a
 * cluster that moves. An assumption, about once in five days for three zones. It looks like a lost
 * zone, and is why nobody should act on a single silent scrape; longer ones would be outages of
 * monitoring, which scenarios inject.
 */
const zoneGap: GapKind = { chance: 7e-4, goesOn: 0, scrapesMax: 1 };
/** All targets of the cluster: Prometheus restarts. An assumption, about once in a week. */
const scraperGap: GapKind = { chance: 1.6e-3, goesOn: 0.3, scrapesMax: 4 };

/**
 * A node's log shipper that waits for its backend: its lines come late, none is lost. Its span
 * exporter that cannot: OpenTelemetry's batch processor drops what its queue of 2,048 cannot take.
 * Assumptions, some 1e-3 of the time.
 */
const shipperStall: GapKind = { chance: 0.03, goesOn: 0.5, scrapesMax: 8 };
const exporterFull: GapKind = { chance: 0.03, goesOn: 0.3, scrapesMax: 4 };

/** Above this share of throttled CFS periods a process may answer its scraper too late. */
const lateFrom = 0.5;
/** Share of scrapes that time out (10 s by default) at full throttling. An assumption. */
const lateShareMax = 0.1;

/** Which scrapes fail: stateless draws addressed by (seed, entity, scrape), correlated in time. */
export class Gaps {
  readonly #keys: { readonly start: number; readonly place: number; readonly length: number };
  readonly #lateKey: number;

  constructor(seed: number) {
    this.#keys = {
      start: createDrawKey(seed, 'telemetry/gap'),
      place: createDrawKey(seed, 'telemetry/gap-place'),
      length: createDrawKey(seed, 'telemetry/gap-length'),
    };
    this.#lateKey = createDrawKey(seed, 'telemetry/gap-late');
  }

  /** Whether the target's own scrape failed. */
  isMissed(entity: number, scrape: number): boolean {
    return this.#isIn(targetGap, entity, scrape);
  }

  /** Whether no target of the zone was scraped. */
  isZoneMissed(zone: string, scrape: number): boolean {
    return this.#isIn(zoneGap, hashText(`zone/${zone}`), scrape);
  }

  /** Whether nothing at all was scraped. */
  isAllMissed(scrape: number): boolean {
    return this.#isIn(scraperGap, scraperEntity, scrape);
  }

  /** Whether a node's log lines are held back. */
  isShipperStalled(node: string, scrape: number): boolean {
    return this.#isIn(shipperStall, hashText(`shipper/${node}`), scrape);
  }

  /** Whether a node's spans are dropped. */
  isExporterFull(node: string, scrape: number): boolean {
    return this.#isIn(exporterFull, hashText(`exporter/${node}`), scrape);
  }

  /** Whether a process was too short of CPU to answer its scraper in time. */
  isLate(throttledRatio: number, entity: number, scrape: number): boolean {
    if (throttledRatio <= lateFrom) return false;
    const share = (lateShareMax * (throttledRatio - lateFrom)) / (1 - lateFrom);
    return uniformAt(this.#lateKey, entity, scrape) < share;
  }

  #isIn(kind: GapKind, entity: number, scrape: number): boolean {
    const block = Math.floor(scrape / blockScrapes);
    if (uniformAt(this.#keys.start, entity, block) >= kind.chance) return false;
    const place = uniformAt(this.#keys.place, entity, block) * blockScrapes;
    const since = scrape - block * blockScrapes - Math.floor(place);
    if (since < 0 || since >= kind.scrapesMax) return false;
    // A geometric length: at least `since + 1` with chance goesOn to the power of `since`.
    let remaining = 1;
    for (let i = 0; i < since; i += 1) remaining *= kind.goesOn;
    return since === 0 || uniformAt(this.#keys.length, entity, block) < remaining;
  }
}

const scraperEntity: number = hashText('prometheus');
