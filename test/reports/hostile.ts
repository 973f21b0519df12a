/** What telemetry from a hostile workload could carry in a name, a label or a log line. */
const hostileText = `"><img src=x onerror="window.hit=1"></script><script>window.hit=2</script>'\u0007\u001b[31m&`;

/** Words that the code switches on; everything else is free text to somebody. */
const closedVocabulary = new Set([
  'type',
  'outcome',
  'verdict',
  'decision',
  'ends',
  'status',
  'severity',
]);

/** The value with the hostile text appended to every string in it, and to the keys of open maps. */
export function poison<T>(value: T, key = ''): T {
  if (typeof value === 'string')
    return (closedVocabulary.has(key) ? value : value + hostileText) as T;
  if (Array.isArray(value)) return value.map((item) => poison(item, key)) as T;
  if (value === null || typeof value !== 'object') return value;
  const isOpenMap = ['attributes', 'distribution', 'inputHashes', 'parameters'].includes(key);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      isOpenMap ? name + hostileText : name,
      poison(item, name),
    ]),
  ) as T;
}
