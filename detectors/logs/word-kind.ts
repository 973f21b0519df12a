import { kindOf, kinds, valueMark } from './characters.ts';

/**
 * What a word looks like. `value`: masked; `numbered`: a name with a digit (`eth0`); `symbol`: in
 * capitals, hence one of a fixed set (`SCREEN_ON`); `dotted`: a name with a dot or an underscore;
 * `plain`: anything else.
 */
export type WordKind = 'plain' | 'dotted' | 'numbered' | 'symbol' | 'value';

const dot = 46;
const underscore = 95;

export function wordKind(word: string): WordKind {
  if (word.includes(valueMark)) return 'value';
  let isDotted = false;
  let isLower = false;
  let capitals = 0;
  for (let i = 0; i < word.length; i += 1) {
    const code = word.charCodeAt(i);
    if (kindOf(code) === kinds.digit) return 'numbered';
    if (code === dot) {
      // Only the last part counts: `android.intent.action.SCREEN_ON` is a symbol.
      isLower = false;
      capitals = 0;
    }
    if (code === dot || code === underscore) isDotted = true;
    else if (code >= 65 && code < 91) capitals += 1;
    else isLower = true;
  }
  if (capitals > 1 && !isLower) return 'symbol';
  return isDotted ? 'dotted' : 'plain';
}
