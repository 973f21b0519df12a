import { hashText } from '../../core/tools/index.ts';

/** The letters Kubernetes makes name suffixes from: no vowels, no look-alikes. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Five letters that follow from the text alone. */
export function nameSuffix(text: string): string {
  let hash = hashText(text);
  let suffix = '';
  for (let i = 0; i < 5; i += 1) {
    suffix += alphabet[hash % alphabet.length];
    hash = Math.floor(hash / alphabet.length);
  }
  return suffix;
}
