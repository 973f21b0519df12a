import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writeFolder } from '../../cli/run-folder.ts';
import { root, startScript, temporaryFolder } from './firedrill.ts';

const host = hostname().replaceAll(/[^A-Za-z0-9]/g, '');

/** The id of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

function makeFolder(path: string, text: string): void {
  mkdirSync(path);
  writeFileSync(join(path, 'a.txt'), text);
}

describe('writeFolder', () => {
  it('writes text and compressed lines, in place of what was there', async () => {
    const out = temporaryFolder();
    makeFolder(join(out, 'run'), 'former');
    await writeFolder(join(out, 'run'), { 'b.txt': 'new', 'c.gz': ['one', 'two\n', 'three'] });
    expect(readdirSync(out)).toEqual(['run']);
    expect(readdirSync(join(out, 'run')).sort()).toEqual(['b.txt', 'c.gz']);
    const lines = gunzipSync(readFileSync(join(out, 'run/c.gz'))).toString();
    expect(lines).toBe('one\ntwo\nthree\n');
  });

  it('writes nothing when a part fails', async () => {
    const out = temporaryFolder();
    makeFolder(join(out, 'run'), 'former');
    function* failing(): Generator<string> {
      yield 'a line';
      throw new Error('no more');
    }
    const files = { 'a.txt': 'new', 'b.gz': failing(), 'c.txt': ['other lines'] };
    await expect(writeFolder(join(out, 'run'), files)).rejects.toThrow('no more');
    expect(readdirSync(out)).toEqual(['run']);
    expect(readFileSync(join(out, 'run/a.txt'), 'utf8')).toBe('former');
  });

  it('writes nothing when it is stopped', async () => {
    const out = temporaryFolder();
    const stop = new AbortController();
    function* endless(): Generator<string> {
      for (let i = 0; ; i += 1) {
        if (i === 100_000) setImmediate(() => stop.abort());
        yield `line ${i}`;
      }
    }
    const written = writeFolder(join(out, 'run'), { 'a.gz': endless() }, stop.signal);
    await expect(written).rejects.toThrow('abort');
    expect(readdirSync(out)).toEqual([]);
  });

  it('cleans up after dead processes of this host only', async () => {
    const out = temporaryFolder();
    const dead = deadPid();
    makeFolder(join(out, `.run.${host}-${dead}.part`), 'half');
    makeFolder(join(out, `.other.${host}-${dead}.part`), 'half');
    makeFolder(join(out, `.moved.${host}-${dead}.old`), 'whole');
    makeFolder(join(out, `.far.elsewhere-${dead}.part`), 'half');
    makeFolder(join(out, `.alive.${host}-${process.ppid}.part`), 'half');
    await writeFolder(join(out, 'run'), { 'a.txt': 'new' });
    expect(readdirSync(out).sort()).toEqual([
      `.alive.${host}-${process.ppid}.part`,
      `.far.elsewhere-${dead}.part`,
      'moved',
      'run',
    ]);
    expect(readFileSync(join(out, 'moved/a.txt'), 'utf8')).toBe('whole');
  });

  it('survives kill -9 in the middle: the former folder stays, the next write cleans up', async () => {
    const out = temporaryFolder();
    makeFolder(join(out, 'run'), 'former');
    const { child, ended, said } = startScript(`
      import { writeFolder } from ${JSON.stringify(join(root, 'cli/run-folder.ts'))};
      function* endless() {
        for (let i = 0; ; i += 1) {
          if (i === 50_000) process.stderr.write('in the middle');
          yield 'line ' + i;
        }
      }
      await writeFolder(${JSON.stringify(join(out, 'run'))}, { 'a.txt': 'new', 'b.gz': endless() });
    `);
    await said('in the middle');
    child.kill('SIGKILL');
    await ended;
    expect(readdirSync(out).sort()).toEqual([`.run.${host}-${child.pid}.part`, 'run']);
    expect(readFileSync(join(out, 'run/a.txt'), 'utf8')).toBe('former');
    await writeFolder(join(out, 'run'), { 'a.txt': 'new' });
    expect(readdirSync(out)).toEqual(['run']);
    expect(readFileSync(join(out, 'run/a.txt'), 'utf8')).toBe('new');
  });
});
