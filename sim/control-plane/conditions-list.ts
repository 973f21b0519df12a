interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
}

export function findCondition<C extends Condition>(
  list: readonly C[] | undefined,
  type: string,
): C | undefined {
  return list?.find((condition) => condition.type === type);
}

/**
 * The list with one condition set; it keeps its place, and its transition time while the status
 * stays the same.
 */
export function withCondition<C extends Condition>(
  list: readonly C[] | undefined,
  condition: C,
): C[] {
  const before = findCondition(list, condition.type);
  const kept =
    before?.status === condition.status && before.lastTransitionTime !== undefined
      ? { ...condition, lastTransitionTime: before.lastTransitionTime }
      : condition;
  if (before === undefined) return [...(list ?? []), kept];
  return (list ?? []).map((item) => (item.type === condition.type ? kept : item));
}
