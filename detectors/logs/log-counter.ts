import type { Telemetry } from '../../core/observable/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { LogWindow, PodLines, TemplateCount } from './log-detector.ts';
import { type MinerState, TemplateMiner, type TemplateMinerOptions } from './template-miner.ts';
import type { LogTemplate } from './template-names.ts';

/** Turns log records into counts per service and template, window by window. */
export class LogCounter {
  #miner: TemplateMiner;

  constructor(options: TemplateMinerOptions = {}) {
    this.#miner = new TemplateMiner(options);
  }

  /**
   * Counts the lines of a window; services, pods and templates stand in the order of their first
   * line.
   */
  count({ untilMs, logs }: Pick<Telemetry, 'untilMs' | 'logs'>): LogWindow {
    const miner = this.#miner;
    const current = (id: number): number | undefined => miner.currentId(id);
    const lines = logs.map(({ body, resource }) => [resource, miner.add(body)] as const);
    const services = new Map<string, Map<number, number>>();
    const pods = new Map<string, { service: string; pod: string; own: Map<number, number> }>();
    for (const [{ service, pod }, id] of lines) {
      // A later line of the window may have shown that two templates are one.
      const template = current(id);
      if (template === undefined) continue;
      const ofService = services.get(service) ?? new Map<number, number>();
      ofService.set(template, (ofService.get(template) ?? 0) + 1);
      services.set(service, ofService);
      const key = `${service} ${pod}`;
      const ofPod = pods.get(key) ?? { service, pod, own: new Map<number, number>() };
      ofPod.own.set(template, (ofPod.own.get(template) ?? 0) + 1);
      pods.set(key, ofPod);
    }
    const counts = [...services].flatMap(([service, own]): TemplateCount[] =>
      [...own].map(([template, count]) => ({ service, template, count })),
    );
    const byPod = [...pods.values()].map(
      ({ service, pod, own }): PodLines => ({ service, pod, counts: [...own] }),
    );
    return { untilMs, counts, pods: byPod, current };
  }

  writeState(writer: StateWriter): void {
    writer.plain(this.#miner.checkpoint());
  }

  readState(reader: StateReader): void {
    this.#miner = TemplateMiner.restore(reader.plain<MinerState>());
  }

  templateOf(id: number): LogTemplate | undefined {
    return this.#miner.templateOf(id);
  }
}
