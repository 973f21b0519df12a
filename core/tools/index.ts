/** Pure tools that every folder may use. */
export { canonicalJson, digestOf, RunningDigest, sha256 } from './digest.ts';
export { formatDuration, parseDurationMs } from './duration.ts';
export type { ExitCode, SourcePosition } from './errors.ts';
export {
  assert,
  DigestMismatchError,
  FiredrillError,
  InputError,
  InvariantError,
  UsageError,
} from './errors.ts';
export { formatInstant, formatMicroInstant, parseInstantMs, virtualEpochMs } from './instant.ts';
export type { Stream } from './random.ts';
export {
  createDrawKey,
  createStream,
  hashText,
  normalAt,
  normalQuantile,
  uniformAt,
} from './random.ts';
export {
  mean,
  median,
  medianAbsoluteDeviation,
  quantile,
  quantileSorted,
  standardDeviation,
} from './statistics.ts';
export type { YamlPath, YamlSource } from './yaml-source.ts';
export { parseYamlSource, parseYamlSources } from './yaml-source.ts';
