/** Pure tools that every folder may use. */
export type { Problem } from './check-document.ts';
export { checkDocument, describeValue, throwProblems } from './check-document.ts';
export { renderColumns } from './columns.ts';
export { addUpExcess, carryOver, createExcess } from './compound-poisson.ts';
export { canonicalJson, digestOf, RunningDigest, sha256 } from './digest.ts';
export { formatDuration, parseDurationMs, renderDuration } from './duration.ts';
export type { ExitCode, SourcePosition } from './errors.ts';
export {
  assert,
  DigestMismatchError,
  FiredrillError,
  InputError,
  InvariantError,
  UsageError,
} from './errors.ts';
export { imageTag } from './image-reference.ts';
export { formatInstant, formatMicroInstant, parseInstantMs, virtualEpochMs } from './instant.ts';
export { nearestNames, suggestNames, unknownNameError } from './nearest-names.ts';
export { normalCdf, normalPdf } from './normal-distribution.ts';
export { parseQuantity } from './quantity.ts';
export type { Stream } from './random.ts';
export {
  createDrawKey,
  createStream,
  hashText,
  normalAt,
  normalQuantile,
  uniformAt,
} from './random.ts';
export { renderMarkdownTable } from './render-markdown-table.ts';
export { renderYaml } from './render-yaml.ts';
export {
  mean,
  median,
  medianAbsoluteDeviation,
  quantile,
  quantileSorted,
  standardDeviation,
} from './statistics.ts';
export {
  complain,
  complainOfDuration,
  durationField,
  durationWords,
  strictObject,
} from './yaml-fields.ts';
export type { YamlPath, YamlSource } from './yaml-source.ts';
export { parseYamlSource, parseYamlSources } from './yaml-source.ts';
