import { valueMark } from './characters.ts';

/**
 * What a template is but for how many values stand in a row: `delete <*>` and `delete <*>, <*>`
 * have one key. Brackets and words end a run.
 */
export function runKey(template: string): string {
  let key = '';
  let copied = 0;
  let at = template.indexOf(valueMark);
  while (at >= 0) {
    const next = template.indexOf(valueMark, at + 1);
    if (next > 0 && isBetweenValues(template, at + 1, next)) {
      key += template.slice(copied, at);
      copied = next;
    }
    at = next;
  }
  return key + template.slice(copied);
}

const betweenValues = new Set([...' ,;:/|#*~+-.&']);

function isBetweenValues(template: string, from: number, until: number): boolean {
  for (let i = from; i < until; i += 1) {
    if (!betweenValues.has(template[i]!)) return false;
  }
  return true;
}
