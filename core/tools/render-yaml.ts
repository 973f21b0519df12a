import { dump } from 'js-yaml';

/**
 * A value as a YAML document for Kubernetes tools: what YAML 1.1 readers would take for a boolean,
 * a number or a date is quoted; no anchors, no folding, keys in the order given.
 */
export function renderYaml(value: object): string {
  return dump(value, { noRefs: true, lineWidth: -1 });
}
