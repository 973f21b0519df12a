import type { Fault, RunRecord } from '../core/truth/index.ts';

interface FaultWindow extends Pick<Fault, 'kind' | 'target' | 'parameters'> {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** From when to when each fault was in force; one that was never undone lasted to the run's end. */
export function faultWindows(record: RunRecord): readonly FaultWindow[] {
  return record.events.flatMap((event) => {
    if (event.type !== 'fault_injected') return [];
    const { kind, target, parameters, durationMs } = event.fault;
    const endMs = durationMs === null ? record.durationMs : event.atMs + durationMs;
    const untilMs = rolledBackAtMs(record, event.fault) ?? endMs;
    return [{ kind, target, parameters, fromMs: event.atMs, untilMs }];
  });
}

function rolledBackAtMs({ events }: RunRecord, fault: Fault): number | undefined {
  return events.find(
    (event) =>
      event.type === 'fault_rolled_back' &&
      event.fault.kind === fault.kind &&
      event.fault.target === fault.target &&
      event.fault.startMs === fault.startMs,
  )?.atMs;
}
