import { renderMarkdownTable } from '../core/tools/index.ts';
import type { Scenario, TreatmentTemplate } from '../core/truth/index.ts';

/** The sections of the catalogue, by the letter that their mechanisms begin with. */
export const catalogueSections: readonly { readonly letter: string; readonly title: string }[] = [
  { letter: 'W', title: 'Workload configuration' },
  { letter: 'P', title: 'Probes' },
  { letter: 'C', title: 'Scheduling, capacity, quota, autoscaling' },
  { letter: 'S', title: 'Storage' },
  { letter: 'N', title: 'Network, DNS, routing' },
  { letter: 'A', title: 'Admission and access control' },
  { letter: 'K', title: 'Nodes and control plane' },
  { letter: 'R', title: 'Stress on pods and processes' },
  { letter: 'D', title: 'Data stores and messaging' },
  { letter: 'X', title: 'Application, flags, time, TLS' },
  { letter: 'L', title: 'Load, cascades, metastable states, several faults' },
  { letter: 'H', title: 'Healthy and misleading cases' },
];

/** On how many of the seeds tried users felt the fault. */
export interface Impact {
  readonly felt: number;
  readonly seeds: number;
}

export const catalogueCommand = 'npm run catalogue';

/** `docs/scenarios.md`; scenarios without an impact show a dash. */
export function renderCataloguePage(
  scenarios: readonly Scenario[],
  impacts: ReadonlyMap<string, Impact>,
): string {
  const described = scenarios.filter(({ about }) => about !== null);
  const parts = catalogueSections.map(({ letter, title }) => ({
    title,
    members: described.filter((scenario) => sectionOf(scenario) === letter),
  }));
  return [
    '# The scenarios\n',
    `<!-- Written by \`${catalogueCommand}\`; edit the scenarios instead. -->\n`,
    introduction(described),
    `${renderMarkdownTable(
      ['section', 'mechanisms', 'scenarios'],
      parts.map(({ title, members }) => [
        title,
        String(mechanismsOf(members).length),
        String(members.length),
      ]),
    )}\n`,
    ...parts
      .filter(({ members }) => members.length > 0)
      .map(({ title, members }) => renderSection(title, members, impacts)),
  ].join('\n');
}

function introduction(scenarios: readonly Scenario[]): string {
  const topologies = countBy(scenarios.map(({ topology }) => topology));
  const ends = countBy(scenarios.map((scenario) => scenario.ends));
  const faulty = scenarios.filter(({ faults }) => faults.length > 0);
  const list = (counts: ReadonlyMap<string, number>): string =>
    [...counts].map(([name, count]) => `\`${name}\` ${count}`).join(', ');
  return `${scenarios.length} scenarios of ${mechanismsOf(scenarios).length} distinct mechanisms (${faulty.length} with a fault, ${mechanismsOf(faulty).length} fault mechanisms)
on ${topologies.size} topologies: ${list(topologies)}. How they end: ${list(ends)}.

Each is a family of runs, one per seed: starts, sizes and targets are drawn. _Felt_ is on how many
development seeds users feel the fault when nobody acts. Difficulty: 1, one signal names the cause; 2,
signals must be put together; 3, the obvious reading is wrong. Where there are several faults, naming
any of their causes is right. \`npm run validate -- --all\` plays every remedy and every trap. How to
read and write a scenario: [scenario-format.md](scenario-format.md),
[add-a-scenario.md](add-a-scenario.md).
`;
}

function renderSection(
  title: string,
  members: readonly Scenario[],
  impacts: ReadonlyMap<string, Impact>,
): string {
  const head = [
    'id',
    'mechanism',
    'what happens',
    'symptom',
    'ends',
    'accepted remedies',
    'traps',
    'difficulty',
    'topology',
    'felt',
  ];
  const rows = members.map((scenario) => [
    `\`${scenario.id}\``,
    scenario.about?.mechanism ?? '',
    scenario.title,
    scenario.about?.symptom ?? '',
    scenario.ends,
    treatments(scenario.remedies),
    treatments(scenario.traps),
    String(scenario.about?.difficulty ?? ''),
    scenario.topology,
    impactText(scenario, impacts.get(scenario.id)),
  ]);
  return `## ${title}\n\n${renderMarkdownTable(head, rows)}\n`;
}

function treatments(list: readonly TreatmentTemplate[]): string {
  return list.map(({ id, why }) => `\`${id}\`: ${why}`).join('<br>') || '–';
}

function impactText({ faults }: Scenario, impact: Impact | undefined): string {
  if (faults.length === 0 || impact === undefined) return '–';
  return `${impact.felt} of ${impact.seeds}`;
}

/** What a page says of impacts, to be kept when only its words are written anew. */
export function readImpacts(page: string): Map<string, Impact> {
  const impacts = new Map<string, Impact>();
  for (const [, id, felt, seeds] of page.matchAll(/^\| `(\w+)`.*\| (\d+) of (\d+) *\|$/gm)) {
    impacts.set(id as string, { felt: Number(felt), seeds: Number(seeds) });
  }
  return impacts;
}

function sectionOf({ about }: Scenario): string {
  return (about?.mechanism ?? '').slice(0, 1);
}

function mechanismsOf(scenarios: readonly Scenario[]): string[] {
  return [...new Set(scenarios.flatMap(({ about }) => about?.mechanism ?? []))].sort();
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of [...values].sort()) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
