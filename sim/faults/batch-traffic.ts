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
    const isInside = componentKind(target) === 'edge';
    const client: BatchClient = {
      edge: isInside ? name : '',
      to: isInside ? (name.split('->')[1] ?? '') : name,
      perSec: Number(parameters.perSec),
      errorRatio: Number(parameters.errorRatio ?? 0),
      latencyMs: Number(parameters.latencyMs),
    };
    conditions.batchClients.push(client);
    return client;
  },
  async end(_fault, client, { conditions: { batchClients } }) {
    // Two that agree in all of this are interchangeable.
    const mine = batchClients.findIndex(
      (entry) =>
        entry.perSec === client.perSec &&
        entry.latencyMs === client.latencyMs &&
        entry.errorRatio === client.errorRatio &&
        entry.to === client.to &&
        entry.edge === client.edge,
    );
    if (mine >= 0) batchClients.splice(mine, 1);
  },
};
