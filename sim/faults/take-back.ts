/**
 * `now` with what changed from `before` to `after` changed back, wherever it still is as it was
 * left; what others have changed stays. Lists of named things (containers, env, volumes) are gone
 * through by name, other lists are one value.
 */
export function takeBack(now: unknown, before: unknown, after: unknown): unknown {
  if (isEqual(before, after)) return now;
  if (isEqual(now, after)) return before;
  if (areNamed(now) && areNamed(before) && areNamed(after)) {
    const merged = takeBackFields(byName(now), byName(before), byName(after));
    return Object.values(merged);
  }
  if (isMapping(now) && isMapping(before) && isMapping(after)) {
    return takeBackFields(now, before, after);
  }
  return now;
}

type Mapping = Readonly<Record<string, unknown>>;

function takeBackFields(now: Mapping, before: Mapping, after: Mapping): Mapping {
  const keys = new Set([...Object.keys(now), ...Object.keys(before)]);
  const entries = [...keys].map(
    (key) => [key, takeBack(now[key], before[key], after[key])] as const,
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function areNamed(value: unknown): value is readonly { readonly name: string }[] {
  return (
    Array.isArray(value) &&
    value.every((item) => isMapping(item) && typeof item.name === 'string') &&
    new Set(value.map((item: { name: string }) => item.name)).size === value.length
  );
}

function byName(items: readonly { readonly name: string }[]): Mapping {
  return Object.fromEntries(items.map((item) => [item.name, item]));
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  }
  if (!isMapping(a) || !isMapping(b)) return a === b;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]));
}
