import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import type { ObjectEdit } from '../../core/truth/index.ts';
import { kubectlCommand } from '../../kind-cluster/kubectl-command.ts';

const hostile = 'it\'s $(date) `date` "quoted" \\ ; echo more';

/** The words that a real shell makes of the line, one per line of output. */
function words(line: string): string[] {
  const script = line.replace(/^kubectl/, "printf '%s\\n'");
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n');
}

it('quotes bodies and names so that a shell takes them as they are', () => {
  const body = { data: { key: hostile } };
  const edit: ObjectEdit = {
    verb: 'patch',
    object: { kind: 'ConfigMap', namespace: 'default', name: hostile },
    patch: { type: 'merge', body },
  };
  const line = kubectlCommand(edit);
  expect(words(line)).toEqual([
    '-n',
    'default',
    'patch',
    `configmap/${hostile}`,
    '--type',
    'merge',
    '-p',
    JSON.stringify(body),
  ]);
});
