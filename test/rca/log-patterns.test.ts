import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../core/observable/index.ts';
import { analyseLogPatterns } from '../../rca/index.ts';
import { createAccuser } from '../../rca/log-patterns.ts';
import { topology } from './small-shop-plan.ts';

function line(body: string, severity: LogRecord['severity'] = 'ERROR', atMs = 0): LogRecord {
  const resource = {
    service: 'cart',
    pod: 'cart-1',
    node: 'n1',
    zone: 'z',
    region: 'r',
    release: 'v1',
  };
  return { atMs, severity, body, resource, traceId: null, spanId: null };
}

describe('analyseLogPatterns', () => {
  it.each([
    ['connection timeout: dial tcp cart:7070: i/o timeout', 'connection_timeout'],
    ['CONNECTION TIMED OUT', 'connection_timeout'],
    ['rpc error: Deadline Exceeded', 'connection_timeout'],
    ['fatal: Out Of Memory', 'out_of_memory'],
    ['container was OOMKilled', 'out_of_memory'],
    ['write /data: no space left on device', 'disk_full'],
    ['Disk Full', 'disk_full'],
    ['password authentication failed for user "shop"', 'authentication_failed'],
    ['java.lang.NullPointerException', 'null_pointer'],
    ['Null pointer dereference', 'null_pointer'],
    ['dial tcp cart:7070: connect: connection refused', 'connection_refused'],
    ['the parrot is no more', 'unknown'],
  ])('names %j %s', (body, name) => {
    expect(analyseLogPatterns([line(body)]).distribution).toEqual({ [name]: 1 });
  });

  it('lets the first pattern win', () => {
    const both = line('connection refused after connection timeout');
    expect(analyseLogPatterns([both]).distribution).toEqual({ connection_timeout: 1 });
  });

  it('counts all error lines, keeps the first ten, and ignores other severities', () => {
    const lines = Array.from({ length: 25 }, (_, i) =>
      line(i < 20 ? 'disk full' : 'connection refused', i % 2 ? 'FATAL' : 'ERROR', i),
    );
    const report = analyseLogPatterns([
      line('disk full', 'WARN'),
      line('out of memory', 'INFO'),
      ...lines,
    ]);
    expect(report.total).toBe(25);
    expect(report.distribution).toEqual({ disk_full: 20, connection_refused: 5 });
    expect(report.dominant).toBe('disk_full');
    expect(report.firstLines).toEqual(lines.slice(0, 10));
  });

  it('says unknown when no line matches', () => {
    expect(analyseLogPatterns([])).toEqual({
      total: 0,
      distribution: {},
      dominant: 'unknown',
      firstLines: [],
    });
    expect(analyseLogPatterns([line('odd'), line('strange')]).dominant).toBe('unknown');
  });
});

describe('createAccuser', () => {
  const accusedBy = createAccuser(topology);
  it.each([
    ['dial tcp redis-cart:6379: i/o timeout', 'redis-cart'],
    ['dial tcp redis-cart.default.svc.cluster.local:6379: connection refused', 'redis-cart'],
    [
      'dial tcp 10.244.1.7:6379: connect: connection refused (redis-cart GET, request 7)',
      'redis-cart',
    ],
    ['upstream request timeout: no answer from Payment within 300ms', 'payment'],
    ['Out of memory: Killed process 7 (cart)', 'cart'],
    ['dial tcp elsewhere:1: connection refused', 'cart'],
    ['paymentgate closed', 'cart'],
  ])('for %j accuses %s', (body, service) => {
    expect(accusedBy(line(body))).toBe(service);
  });

  it('accuses the writer where no service is known', () => {
    expect(createAccuser({ ...topology, services: [] })(line('oh, redis-cart'))).toBe('cart');
  });
});
