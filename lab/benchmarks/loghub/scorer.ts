/** A label for each line; lines with equal labels are one group. */
type Labels = readonly (string | number)[];

/** What a parser made of some lines. */
export interface Parsed {
  readonly groups: Labels;
  /** The template of each line; null from a parser that only groups. */
  readonly templates: readonly string[] | null;
}

/** How well groups and templates are found, all from 0 to 1. */
export interface TemplateScores {
  /** Share of lines whose group is, as a set of lines, a true one. */
  readonly groupingAccuracy: number;
  /** F1 over groups. */
  readonly groupF1: number;
  /** Share of lines with the true template; null from a parser that only groups. */
  readonly parsingAccuracy: number | null;
  /** F1 over templates: the set of lines and the text must both be right. */
  readonly templateF1: number | null;
}

/**
 * Scores groups and templates of lines against the truth (Zhu et al., ICSE-SEIP 2019; Jiang et al.,
 * ISSTA 2024 for the F1 figures). O(lines).
 */
export function scoreTemplates(
  parsed: Parsed,
  truth: { readonly groups: Labels; readonly templates: readonly string[] },
): TemplateScores {
  const lines = truth.groups.length;
  const found = groupSizes(parsed.groups);
  const actual = groupSizes(truth.groups);
  const both = groupSizes(truth.groups.map((label, i) => `${parsed.groups[i]} ${label}`));
  const isRight = (i: number): boolean => {
    const size = both.get(`${parsed.groups[i]} ${truth.groups[i]}`);
    return size === found.get(parsed.groups[i]!) && size === actual.get(truth.groups[i]!);
  };
  const { templates } = parsed;
  const rightLines: number[] = [];
  for (let i = 0; i < lines; i += 1) if (isRight(i)) rightLines.push(i);
  const rightGroups = new Set(rightLines.map((i) => truth.groups[i]!));
  const wrongTexts = new Set(
    rightLines.filter((i) => templates?.[i] !== truth.templates[i]).map((i) => truth.groups[i]!),
  );
  const f1 = (right: number): number => (2 * right) / (found.size + actual.size);
  return {
    groupingAccuracy: rightLines.length / lines,
    groupF1: f1(rightGroups.size),
    parsingAccuracy: templates
      ? templates.filter((text, i) => text === truth.templates[i]).length / lines
      : null,
    templateF1: templates ? f1(rightGroups.size - wrongTexts.size) : null,
  };
}

function groupSizes<T>(labels: readonly T[]): Map<T, number> {
  const sizes = new Map<T, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  return sizes;
}
