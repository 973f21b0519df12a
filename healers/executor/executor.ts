import {
  type Action,
  type ActionOutcome,
  actionKinds,
  type ClusterApi,
  type Topology,
  targetKindsByAction,
} from '../../core/observable/index.ts';
import { UsageError, unknownNameError } from '../../core/tools/index.ts';
import { parseActionTarget } from '../action-target.ts';
import type { Effect, Order } from './effect.ts';
import { cordon, drain } from './nodes.ts';
import { type AbandonedRevisions, restart, rollBack } from './rollout.ts';
import { scaleDown, scaleUp } from './scale.ts';
import { limitRate, shiftTraffic } from './traffic.ts';

/**
 * Turns actions into the Kubernetes API calls that kubectl would make, once for every world.
 * Nothing is forced; what the API refuses becomes an outcome with the API's message. An unknown
 * action or a target of the wrong kind is a {@link UsageError}. Cordon and drain take nodes, not
 * zones.
 */
export class Executor {
  readonly #cluster: ClusterApi;
  readonly #topology: Topology;
  readonly #nowMs: () => number;
  readonly #drainAttempts = new Map<string, number>();
  readonly #abandoned: AbandonedRevisions = new Map();

  constructor(cluster: ClusterApi, options: { nowMs: () => number; topology: Topology }) {
    this.#cluster = cluster;
    this.#topology = options.topology;
    this.#nowMs = options.nowMs;
  }

  async execute(action: Action): Promise<ActionOutcome> {
    const effect = await this.#carryOut(this.#order(action));
    return { atMs: this.#nowMs(), action, ...effect };
  }

  #order(action: Action): Order {
    if (!actionKinds.includes(action.kind)) {
      throw unknownNameError('action', action.kind, actionKinds);
    }
    const target = parseActionTarget(action.target, this.#topology);
    const legal = targetKindsByAction[action.kind].filter(
      (kind) => kind !== 'zone' || action.kind === 'traffic_shift',
    );
    if (!legal.includes(target.kind)) {
      throw new UsageError(`${action.kind} needs a ${legal.join(' or ')}, got "${action.target}"`);
    }
    return {
      cluster: this.#cluster,
      topology: this.#topology,
      nowMs: this.#nowMs(),
      action,
      target,
    };
  }

  #carryOut(order: Order): Promise<Effect> {
    switch (order.action.kind) {
      case 'scale_up':
        return scaleUp(order);
      case 'scale_down':
        return scaleDown(order);
      case 'restart':
        return restart(order);
      case 'rollback':
        return rollBack(order, this.#abandoned);
      case 'rate_limit':
        return limitRate(order);
      case 'traffic_shift':
        return shiftTraffic(order);
      case 'cordon':
        return cordon(order);
      case 'drain':
        return drain(order, this.#drainAttempts);
    }
  }
}
