import type { Telemetry } from '../../core/observable/index.ts';
import type { LogWindow, TemplateCount } from './log-detector.ts';
import { TemplateMiner, type TemplateMinerOptions } from './template-miner.ts';
import type { LogTemplate } from './template-names.ts';

/** Turns log records into counts per service and template, window by window. */
export class LogCounter {
  readonly #miner: TemplateMiner;

  constructor(options: TemplateMinerOptions = {}) {
    this.#miner = new TemplateMiner(options);
  }

  /**
   * Counts the lines of a window; services and templates stand in the order of their first line.
   */
  count({ untilMs, logs }: Pick<Telemetry, 'untilMs' | 'logs'>): LogWindow {
    const current = (id: number): number | undefined => this.#miner.currentId(id);
    const lines = logs.map(
      ({ body, resource }) => [resource.service, this.#miner.add(body)] as const,
    );
    const counts = new Map<string, Map<number, number>>();
    for (const [service, id] of lines) {
      // A later line of the window may have shown that two templates are one.
      const template = current(id);
      if (template === undefined) continue;
      const own = counts.get(service) ?? new Map<number, number>();
      own.set(template, (own.get(template) ?? 0) + 1);
      counts.set(service, own);
    }
    const flat: TemplateCount[] = [...counts].flatMap(([service, own]) =>
      [...own].map(([template, count]) => ({ service, template, count })),
    );
    return { untilMs, counts: flat, current };
  }

  templateOf(id: number): LogTemplate | undefined {
    return this.#miner.templateOf(id);
  }
}
