import { componentKind, componentName } from '../../core/observable/index.ts';
import type { BatchClient } from '../conditions.ts';
import type { FaultEffect } from './effect.ts';

/**
 * A client for which nobody waits (an export, a crawler, an integration test) calls a service from
 * outside, or one of the services calls another for a job of its own.
 */
export const batchTraffic: FaultEffect<BatchClient> = {
  async begin({ target, parameters }, { conditions }) {
    const name = componentName(target);
    const [from = '', to = ''] = componentKind(target) === 'edge' ? name.split('->') : ['', name];
    const client: BatchClient = {
      from,
      to,
      perSec: Number(parameters.perSec),
      errorRatio: Number(parameters.errorRatio ?? 0),
      latencyMs: Number(parameters.latencyMs),
    };
    conditions.batchClients.push(client);
    return client;
  },
  async end(_fault, client, { conditions: { batchClients } }) {
    // Two that agree in all of this are interchangeable.
    const key = JSON.stringify(client);
    const mine = batchClients.findIndex((entry) => JSON.stringify(entry) === key);
    if (mine >= 0) batchClients.splice(mine, 1);
  },
};
