import { createStream, median, type Stream } from '../../core/tools/index.ts';
import { TemplateMiner } from '../../detectors/index.ts';
import { type BenchOptions, type BenchRow, row } from './bench-row.ts';

/** What services write, with a place for each value; about a hundred characters a line. */
const wordings = [
  'GET /api/v1/products/{n} from {ip}:{n} answered 200 in {n} ms, {n} bytes, request {uuid}',
  'connection from {ip}:{n} closed after {n} s: {n} bytes sent, {n} bytes received',
  'request {uuid} for user {name} failed: upstream cart:{n} answered 503 after {n} ms',
  'session opened for user {name} by (uid={n}), tty=pts/{n} rhost={ip} at {time}',
  'Block blk_{n} of size {n} KB replicated from {ip}:{n} to {ip}:{n}, {n} replicas left',
  '{time} [worker-{n}] INFO order {uuid} paid by {name}, total={n}.99 currency=EUR',
  'pool exhausted: {n} of {n} connections in use, {n} waiting, oldest for {n} ms, retry={bool}',
  'slow query ({n} ms): table=orders rows={n} plan={hex} cached={bool} on replica db-{n}.internal',
];
const services = 24;
const lineCount = 40_000;

/**
 * Lines per second that the template miner takes in, one core: 192 templates, 50 users by name. The
 * first run, in which the code is compiled, does not count.
 */
export function measureLogs({ cpuMs }: BenchOptions): BenchRow[] {
  const stream = createStream(7, 'bench-logs');
  const lines = Array.from({ length: lineCount }, () => {
    const service = Math.floor(services * stream.next());
    const wording = wordings[Math.floor(wordings.length * stream.next())] as string;
    return `service${letter(service)}: ${fill(wording, stream)}`;
  });
  const [, ...rates] = Array.from({ length: 8 }, () => {
    const miner = new TemplateMiner();
    const startedMs = cpuMs();
    for (const line of lines) miner.add(line);
    return (1000 * lineCount) / (cpuMs() - startedMs);
  });
  return [row('drain_lines_per_s', median(rates), '1/s', 'higher')];
}

function fill(wording: string, stream: Stream): string {
  return wording.replace(/\{(\w+)\}/g, (_, kind: string) => randomValue(kind, stream));
}

function randomValue(kind: string, stream: Stream): string {
  const upTo = (max: number): number => Math.floor(max * stream.next());
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => upTo(16).toString(16)).join('');
  switch (kind) {
    case 'ip':
      return `10.${upTo(4)}.${upTo(256)}.${upTo(256)}`;
    case 'uuid':
      return `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`;
    case 'hex':
      return `0x${hex(8)}`;
    case 'name':
      return `${letter(upTo(10))}${letter(upTo(5))}nson`;
    case 'time':
      return `2026-01-${10 + upTo(19)} 12:${10 + upTo(49)}:${10 + upTo(49)}.${100 + upTo(899)}`;
    case 'bool':
      return upTo(2) === 0 ? 'false' : 'true';
    default:
      return String(upTo(100_000));
  }
}

function letter(index: number): string {
  return String.fromCharCode(97 + index);
}
