/** What may hold the signs of something else: comments, regular expressions, strings, templates. */
const tokens = new RegExp(
  [
    String.raw`\/\*[\s\S]*?\*\/|\/\/[^\n]*`,
    String.raw`(?<=(?:[=(,:[!&|?{};]|\breturn)\s*)\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/`,
    String.raw`(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\x60(?:[^\x60\\]|\\[\s\S])*\x60)`,
  ].join('|'),
  'g',
);
/** Imports in code whose strings are their numbers in quotes; `import type` is erased. */
const imports = new RegExp(
  [
    String.raw`(?<![\w$.])(?:import|export)\s*(?!\s*type\b)[\w$*\s{},"]*?\bfrom\s*"(\d+)"`,
    String.raw`(?<![\w$.])import\s*\(?\s*"(\d+)"`,
    String.raw`(?<![\w$.])(?:module\s*\.\s*)?require\s*\(\s*"(\d+)"\s*,?\s*\)`,
  ].join('|'),
  'g',
);

/** What a module takes in; `require` also finds a file without its ending, and a folder. */
export interface Import {
  readonly specifier: string;
  readonly isRequired: boolean;
}

/**
 * The relative specifiers that a module takes in at run time, with `import`, `export … from`,
 * `import('…')` and `require('…')`, but not those that are worked out. Comments and strings that
 * look like imports are none. It reads text, not syntax: a quote within nested templates may hide
 * what follows.
 */
export function importsOf(text: string): readonly Import[] {
  const texts: string[] = [];
  const code = text.replaceAll(tokens, (...found) => {
    const quoted = (found.at(-1) as { readonly text?: string }).text;
    return quoted === undefined ? ' ' : `"${texts.push(quoted.slice(1, -1)) - 1}"`;
  });
  return [...code.matchAll(imports)]
    .map(([, from, asked, required]): Import => {
      const specifier = texts[Number(from ?? asked ?? required)] as string;
      return { specifier, isRequired: required !== undefined };
    })
    .filter(({ specifier }) => /^\.{1,2}\//.test(specifier) && !specifier.includes('${'));
}
