/** A name as topology files take it: lower case, digits, `-` and `.`, not at the ends. */
export function safeName(text: string): string {
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, '-');
  return plain.replaceAll(/^[.-]+|[.-]+$/g, '') || 'unnamed';
}

/** The name, or with a number when it is taken; takes it. */
export function uniqueName(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i += 1) free = `${name}-${i}`;
  taken.add(free);
  return free;
}
