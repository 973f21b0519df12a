import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const tracked = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(root, file)))
  .sort();
const sources = tracked.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
const houseFolders = [
  'cli',
  'core',
  'detectors',
  'healers',
  'kind-cluster',
  'lab',
  'rca',
  'reports',
  'scenarios',
  'sim',
] as const;
const house = sources.filter((file) =>
  houseFolders.some((folder) => file.startsWith(`${folder}/`)),
);
const text = (file: string): string => readFileSync(join(root, file), 'utf8');

/** A part is a folder with a door; core has three. */
function partOf(file: string): string {
  const [folder, second] = file.split('/');
  return folder === 'core' ? `core/${second}` : (folder as string);
}

const observable = ['core/observable', 'core/tools'];
const anyCore = [...observable, 'core/truth'];
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'core/tools': [],
  'core/observable': ['core/tools'],
  'core/truth': observable,
  sim: anyCore,
  scenarios: anyCore,
  reports: anyCore,
  'kind-cluster': anyCore,
  detectors: observable,
  rca: observable,
  healers: observable,
  lab: [...anyCore, 'sim', 'scenarios', 'detectors', 'rca', 'healers'],
  cli: [
    ...anyCore,
    'sim',
    'scenarios',
    'detectors',
    'rca',
    'healers',
    'lab',
    'reports',
    'kind-cluster',
  ],
};

function importsOf(file: string): { target: string; specifier: string }[] {
  const found = [...text(file).matchAll(/(?:from|import)\s+'(\.[^']+)'|new URL\('(\.[^']+\.ts)'/g)];
  return found.map((match) => {
    const specifier = (match[1] ?? match[2]) as string;
    return { specifier, target: normalize(join(dirname(file), specifier)) };
  });
}

describe('laws', () => {
  it('oracle law and one-way law: imports follow the table, through doors', () => {
    const findings = house.flatMap((file) =>
      importsOf(file).flatMap(({ target, specifier }) => {
        if (!target.endsWith('.ts')) return [];
        const [from, to] = [partOf(file), partOf(target)];
        if (from === to) return [];
        if (!mayImport[from]?.includes(to))
          return [`${file}: ${from} may not import ${to} (${specifier})`];
        return target === `${to}/index.ts`
          ? []
          : [`${file}: ${specifier} goes past the door of ${to}`];
      }),
    );
    expect(findings).toEqual([]);
  });

  it('one-way law: no import cycles between files', () => {
    const graph = new Map(house.map((file) => [file, importsOf(file).map(({ target }) => target)]));
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
        return;
      }
      state.set(file, 'open');
      for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of graph.keys()) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('two-worlds law: sim and kind-cluster never see each other', () => {
    const findings = house.filter((file) =>
      importsOf(file).some(
        ({ target }) =>
          (file.startsWith('sim/') && target.startsWith('kind-cluster/')) ||
          (file.startsWith('kind-cluster/') && target.startsWith('sim/')),
      ),
    );
    expect(findings).toEqual([]);
  });

  it('every part has a door with explicit names', () => {
    for (const part of Object.keys(mayImport)) {
      if (part === 'cli') continue;
      expect(tracked, `${part}/index.ts`).toContain(`${part}/index.ts`);
    }
  });
});

interface Ban {
  readonly pattern: RegExp;
  readonly instead: string;
  readonly files: (file: string) => boolean;
}

const belowCli = (file: string): boolean =>
  !file.startsWith('cli/') && !file.startsWith('kind-cluster/');
const bans: readonly Ban[] = [
  {
    pattern: /Math\.random/,
    instead: 'a named stream',
    files: (file) => file !== 'detectors/forest/ml-isolation-forest-adapter.ts',
  },
  { pattern: /Date\.now|performance\.now/, instead: 'virtual time', files: belowCli },
  {
    pattern: /new Date\(/,
    instead: 'core/tools/instant',
    files: (file) => belowCli(file) && file !== 'core/tools/instant.ts',
  },
  { pattern: /set(Timeout|Interval|Immediate)\(/, instead: 'kernel events', files: belowCli },
  { pattern: /\bprocess\.|\bconsole\./, instead: 'a value returned to cli/', files: belowCli },
  {
    pattern: /Math\.pow|[\w)\]]\s*\*\*\s*(?!2\b|3\b)/,
    instead: 'multiplication, sqrt or exp',
    files: (file) => file.startsWith('sim/'),
  },
  { pattern: /export default|export \*/, instead: 'named exports', files: () => true },
  { pattern: /\b(TODO|FIXME|XXX)\b/, instead: 'doing it', files: () => true },
  {
    pattern: /^\s*(?:export )?(?:const )?enum |^\s*(?:export )?namespace /m,
    instead: 'unions and modules',
    files: () => true,
  },
  {
    pattern: /@ts-ignore|@ts-expect-error|\bas any\b|: any\b/,
    instead: 'a type',
    files: () => true,
  },
  {
    pattern: /\beval\(|new Function\(|shell: true/,
    instead: 'data and argument lists',
    files: () => true,
  },
];

describe('banned text', () => {
  for (const { pattern, instead, files } of bans) {
    it(`${pattern.source} (use ${instead})`, () => {
      const findings = house.filter(files).flatMap((file) =>
        text(file)
          .split('\n')
          .flatMap((line, i) =>
            pattern.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line)
              ? [`${file}:${i + 1}: ${line.trim()}`]
              : [],
          ),
      );
      expect(findings).toEqual([]);
    });
  }

  it('tests are neither skipped silently nor exclusive', () => {
    const findings = sources.filter(
      (file) =>
        file.startsWith('test/') &&
        file !== 'test/tidy.test.ts' &&
        /\b(it|describe|test)\.(only|skip)\(/.test(text(file)),
    );
    expect(findings).toEqual([]);
  });

  it('no path of a machine, no registry host', () => {
    const banned = [
      ['/wo', 'rk/'],
      ['/ro', 'ot/'],
      ['/ho', 'me/'],
      ['registry.', 'npmjs'],
      ['_auth', 'Token'],
    ].map((parts) => parts.join(''));
    const findings = tracked
      .filter((file) => !/\.(png|gz)$/.test(file))
      .flatMap((file) =>
        banned.filter((word) => text(file).includes(word)).map((word) => `${file}: ${word}`),
      );
    expect(findings).toEqual([]);
  });
});

describe('size', () => {
  it('files have one idea: at most 350 lines', () => {
    const findings = house.filter((file) => text(file).split('\n').length > 350);
    expect(findings).toEqual([]);
  });

  it('functions have at most 70 lines', () => {
    const findings = house.flatMap((file) => longFunctions(file));
    expect(findings).toEqual([]);
  });

  it('comments have at most 100 columns; the formatter sees to the code', () => {
    const findings = sources.flatMap((file) =>
      text(file)
        .split('\n')
        .flatMap((line, i) =>
          /^\s*(\/\*|\*\/|\* |\/\/)/.test(line) && [...line].length > 100
            ? [`${file}:${i + 1}: ${[...line].length} columns`]
            : [],
        ),
    );
    expect(findings).toEqual([]);
  });
});

/**
 * Functions as the formatter lays them out: a body opens at the end of a line and closes at its
 * indent.
 */
function longFunctions(file: string): string[] {
  const lines = text(file).split('\n');
  const opening =
    /^(\s*)(?:export )?(?:async )?(?:function\b.*|(?:static )?(?:async )?(?:get |set )?[#\w]+\(.*|.*=> )\{$/;
  return lines.flatMap((line, i) => {
    const match = opening.exec(line);
    if (!match || /^\s*(if|for|while|switch|return|describe|it)\b/.test(line)) return [];
    const close = lines.findIndex((other, j) => j > i && other.startsWith(`${match[1]}}`));
    return close - i > 70 ? [`${file}:${i + 1}: ${close - i} lines`] : [];
  });
}

describe('documentation', () => {
  const pages = tracked.filter((file) => file.endsWith('.md'));

  it('every link and anchor in Markdown resolves', () => {
    const findings = pages.flatMap((page) =>
      [...text(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(#[^)\s]*)?\)/g)].flatMap(
        ([, path, anchor]) => {
          const target = path ? normalize(join(dirname(page), path)) : page;
          if (!existsSync(join(root, target))) return [`${page}: ${path}`];
          if (!anchor || !target.endsWith('.md')) return [];
          return headings(target).includes(anchor.slice(1)) ? [] : [`${page}: ${path}${anchor}`];
        },
      ),
    );
    expect(findings).toEqual([]);
  });

  it('every folder of the house has its line in the architecture page', () => {
    const page = text('docs/architecture.md');
    expect(houseFolders.filter((folder) => !page.includes(`\`${folder}/\``))).toEqual([]);
  });

  it('every shipped scenario has a row in the scenario page', () => {
    const page = text('docs/scenarios.md');
    const ids = readdirSync(join(root, 'scenarios/catalogue')).map((name) =>
      name.replace(/\.yaml$/, ''),
    );
    expect(ids.filter((id) => !page.includes(`\`${id}\``))).toEqual([]);
  });

  it('every folder of the house has tests', () => {
    const tested = new Set(
      tracked.filter((file) => file.endsWith('.test.ts')).map((file) => file.split('/')[1]),
    );
    expect(houseFolders.filter((folder) => !tested.has(folder))).toEqual([]);
  });
});

function headings(page: string): string[] {
  return [...text(page).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    (title as string)
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

it('the house stands where this test looks', () => {
  expect(house.length).toBeGreaterThan(100);
  expect(relative(root, join(root, 'core'))).toBe('core');
});
