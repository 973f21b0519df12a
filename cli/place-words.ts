import type { Argument, Command, Option } from 'commander';

/** An option that npm kept, with its value where npm shows one. */
export interface Eaten {
  readonly option: Option;
  readonly value: string | null;
}

interface Placement {
  /** Per slot the word in it; null when none is left for it. */
  readonly slots: readonly (string | null)[];
  readonly rest: readonly string[];
  readonly score: number;
}

/** More words than this are not sorted out: the number of ways grows exponentially. */
const wordsMax = 7;
const placedScore = 10;

/**
 * Sorts words that lost their options back: which are values of the eaten options, which are the
 * command's own arguments. A value that two options could claim alike is left out.
 */
export function placeWords(
  command: Command,
  eaten: readonly Eaten[],
  words: readonly string[],
): { readonly positionals: readonly string[]; readonly values: readonly (readonly string[])[] } {
  const positions = command.registeredArguments;
  const slots = eaten.filter(({ option, value }) => value === null && !option.isBoolean());
  const best = words.length > wordsMax ? [] : bestPlacements(positions, slots, words);
  const first = best[0] ?? { slots: [], rest: words };
  const isSame = (list: readonly string[]): boolean => list.join('\0') === first.rest.join('\0');
  const alike = best.filter(({ rest }) => isSame(rest));
  const room = positions.some(({ variadic }) => variadic) ? words.length : positions.length;
  const tooMany = first.rest.slice(room);
  const greedy = tooMany.length > 0 ? slots.findIndex(({ option }) => option.variadic) : -1;
  const valuesOf = (slot: number): readonly string[] => {
    const word = first.slots[slot] ?? null;
    if (word === null || alike.some((other) => other.slots[slot] !== word)) return [];
    if (slot !== greedy) return [word];
    return words.filter((other) => other === word || tooMany.includes(other));
  };
  return {
    positionals: greedy < 0 ? first.rest : first.rest.slice(0, room),
    values: eaten.map((entry) =>
      entry.value === null ? valuesOf(slots.indexOf(entry)) : [entry.value],
    ),
  };
}

/**
 * All placements of the highest score; those that keep the earlier words as arguments come first.
 */
function bestPlacements(
  positions: readonly Argument[],
  slots: readonly Eaten[],
  words: readonly string[],
): Placement[] {
  let best: Placement[] = [];
  const visit = (
    index: number,
    filled: readonly (string | null)[],
    rest: readonly string[],
  ): void => {
    if (index === words.length) {
      const score = scoreOf(positions, slots, filled, rest);
      if (score === null) return;
      const placement = { slots: filled, rest, score };
      if (best[0] === undefined || score > best[0].score) best = [placement];
      else if (score === best[0].score) best.push(placement);
      return;
    }
    const word = words[index] as string;
    visit(index + 1, filled, [...rest, word]);
    slots.forEach(({ option }, slot) => {
      // An option that was typed twice gets its values in the order of the words.
      const isFirst =
        slots.findIndex((other, i) => other.option === option && filled[i] === null) === slot;
      if (isFirst) visit(index + 1, filled.with(slot, word), rest);
    });
  };
  visit(0, new Array<null>(slots.length).fill(null), []);
  return best;
}

/** Null when an option would refuse its value. */
function scoreOf(
  positions: readonly Argument[],
  slots: readonly Eaten[],
  filled: readonly (string | null)[],
  rest: readonly string[],
): number | null {
  let score = 0;
  for (const [index, word] of filled.entries()) {
    if (word === null) continue;
    const { option } = slots[index] as Eaten;
    if (!accepts(option, word)) return null;
    score += placedScore + looksLike(option.flags, word) + (option.parseArg ? 1 : 0);
  }
  for (const [index, word] of rest.entries()) {
    const position = positions[index] ?? positions.find(({ variadic }) => variadic);
    if (position) score += placedScore + looksLike(position.name(), word);
  }
  return score;
}

function accepts({ parseArg, defaultValue }: Option, word: string): boolean {
  try {
    parseArg?.(word, defaultValue);
    return true;
  } catch {
    return false;
  }
}

/** What values usually look like, by a word in the placeholder of the help text. */
const looks: readonly [RegExp, RegExp][] = [
  [/file\.yaml/, /\.ya?ml$/],
  [/file\.csv/, /\.csv$/],
  [/<dir>/, /^[^.]*$|\/[^.]*$/],
  [/<period>/, /^\d{4}-\d{2}-\d{2}/],
  [/<sha256>/, /^[0-9a-f]{8,}$/],
  [/role=sha256/, /=[0-9a-f]{8,}$/],
  [/scenario/, /^[a-z]+(_[a-z]+)*$|\.ya?ml$/],
];

function looksLike(placeholder: string, word: string): number {
  return looks.some(([asked, look]) => asked.test(placeholder) && look.test(word)) ? 1 : 0;
}
