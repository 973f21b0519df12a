/** A checkout that met the lost zone, span by span, and the lines that were logged of it. */
import type { LogRecord, Resource, Span } from '../../core/observable/index.ts';
import { sha256 } from '../../core/tools/index.ts';
import { injectedMs } from './fixture-course.ts';

const podOf: Readonly<Record<string, string>> = {
  frontend: 'frontend-6d4f8c7b9-x2lqp',
  checkoutservice: 'checkoutservice-7c9d5b6f4-8hzkt',
  cartservice: 'cartservice-5f7b9c8d6-m4vwn',
  'redis-cart': 'redis-cart-76b9545755-qk2sd',
  productcatalogservice: 'productcatalogservice-86f5d8c9b-t7rjc',
  paymentservice: 'paymentservice-58d7c6b4f-9xgbl',
};

function resource(service: string): Resource {
  return {
    service,
    pod: podOf[service] ?? `${service}-0`,
    node: service === 'redis-cart' ? 'node-a1' : 'node-b2',
    zone: service === 'redis-cart' ? 'us-east-1a' : 'us-east-1b',
    region: 'us-east-1',
    release: 'v0.10.3',
  };
}

const traceId = sha256('fixture-trace').slice(0, 32);
const traceStartMs = injectedMs + 21_000;

function span(
  id: string,
  parent: string | null,
  [service, operation, kind]: [string, string, Span['kind']],
  [startMs, spanMs]: [number, number],
  options: { error?: boolean; attributes?: Span['attributes'] } = {},
): Span {
  return {
    traceId,
    spanId: sha256(`span-${id}`).slice(0, 16),
    parentSpanId: parent === null ? null : sha256(`span-${parent}`).slice(0, 16),
    kind,
    operation,
    resource: resource(service),
    startMs: traceStartMs + startMs,
    durationMs: spanMs,
    status: options.error ? 'error' : 'ok',
    attributes: options.attributes ?? {},
  };
}

const timeout = { 'error.type': 'timeout' };
export const slowTrace: readonly Span[] = [
  span('1', null, ['frontend', 'POST /cart/checkout', 'server'], [0, 2104.3], {
    error: true,
    attributes: timeout,
  }),
  span('2', '1', ['frontend', 'CheckoutService/PlaceOrder', 'client'], [4.1, 2096.8], {
    error: true,
    attributes: timeout,
  }),
  span('3', '2', ['checkoutservice', 'CheckoutService/PlaceOrder', 'server'], [5.6, 2094], {
    error: true,
  }),
  span('4', '3', ['checkoutservice', 'prepare order', 'internal'], [6.2, 31.4], {
    attributes: { 'span.category': 'cpu', 'cpu.time_ms': 28.1 },
  }),
  span('5', '3', ['checkoutservice', 'CartService/GetCart', 'client'], [38.1, 2010.4], {
    error: true,
    attributes: timeout,
  }),
  span('6', '5', ['cartservice', 'CartService/GetCart', 'server'], [39.4, 2006.2], { error: true }),
  span('7', '6', ['cartservice', 'HGETALL', 'client'], [41, 2000.9], {
    error: true,
    attributes: {
      ...timeout,
      'span.category': 'db',
      'db.statement': 'HGETALL cart:8f2c',
      'peer.service': 'redis-cart',
    },
  }),
  span('8', '3', ['checkoutservice', 'ProductCatalogService/GetProduct', 'client'], [2050, 14.2]),
  span(
    '9',
    '8',
    ['productcatalogservice', 'ProductCatalogService/GetProduct', 'server'],
    [2051.2, 11.8],
  ),
  span('10', '3', ['checkoutservice', 'PaymentService/Charge', 'client'], [2066, 30.1], {
    attributes: { 'span.category': 'external', 'peer.service': 'paymentservice' },
  }),
  span('11', '10', ['paymentservice', 'PaymentService/Charge', 'server'], [2067.4, 27.3]),
];

export const logLines: readonly LogRecord[] = [0, 1, 2, 3, 4].map((i) => ({
  atMs: injectedMs + 4_200 + i * 730,
  severity: 'ERROR',
  body:
    i === 3
      ? 'rpc error: code = Unavailable desc = connection refused (10.0.1.14:6379)'
      : `failed to get cart: connection timeout after 2000ms (redis-cart:6379, attempt ${i + 1})`,
  resource: resource(i === 3 ? 'checkoutservice' : 'cartservice'),
  traceId: i === 0 ? traceId : null,
  spanId: null,
}));
