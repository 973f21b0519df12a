import type { Anomaly, SignalName } from '../../core/observable/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

/** Writes one anomaly to a checkpoint. */
export function writeAnomaly(writer: StateWriter, anomaly: Anomaly): void {
  writer.number(anomaly.atMs);
  writer.text(anomaly.component);
  writer.text(anomaly.signal);
  writer.texts(Object.keys(anomaly.labels));
  writer.texts(Object.values(anomaly.labels));
  writer.number(anomaly.value);
  writer.number(anomaly.expected);
  writer.number(anomaly.zScore);
  writer.text(anomaly.detector);
}

/** Reads what {@link writeAnomaly} wrote. */
export function readAnomaly(reader: StateReader): Anomaly {
  const [atMs, component, signal] = [reader.number(), reader.text(), reader.text()];
  const keys = reader.texts();
  const texts = reader.texts();
  return {
    atMs,
    component,
    signal: signal as SignalName,
    labels: Object.fromEntries(keys.map((key, i) => [key, texts[i] as string])),
    value: reader.number(),
    expected: reader.number(),
    zScore: reader.number(),
    detector: reader.text(),
  };
}
