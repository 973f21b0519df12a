import type { ObjectRef } from '../../core/observable/index.ts';
import { componentKind, componentName } from '../../core/observable/index.ts';
import type { Fault } from '../../core/truth/index.ts';
import type { EffectContext, FaultEffect } from './effect.ts';

/** The hand of an operator at a terminal. */
const person = { fieldManager: 'kubectl' };
/** What budgets refuse is asked for again after so long, as kubectl drain does. */
const retryMs = 5_000;

interface DrainNote {
  /** Nodes still to be drained; the first is the present one. */
  nodes: string[];
  step: 'cordon' | 'evict' | 'restart' | 'rest';
  /** When the next step may be tried. */
  atMs: number;
}

/**
 * Takes nodes out of service one after the other as an upgrade does: cordon, evict within the
 * disruption budgets, restart (`reboot`), uncordon, and after a `pause` the next. Its end
 * uncordons.
 */
export const nodeDrain: FaultEffect<DrainNote> = {
  async begin({ target }, { spec, nowMs }) {
    const name = componentName(target);
    const isZone = componentKind(target) === 'zone';
    const nodes = spec.nodes.filter((node) => (isZone ? node.zone : node.name) === name);
    return { nodes: nodes.map((node) => node.name), step: 'cordon', atMs: nowMs };
  },
  async goOn(fault, note, context) {
    const [node] = note.nodes;
    if (node === undefined || context.nowMs < note.atMs) return;
    await steps[note.step](node, note, { fault, context });
  },
  async end(_fault, { nodes, step }, { cluster }) {
    const [node] = nodes;
    if (node === undefined || step === 'cordon') return;
    await setSchedulable({ kind: 'Node', name: node }, cluster, true);
  },
};

type Step = (
  node: string,
  note: DrainNote,
  parts: { readonly fault: Fault; readonly context: EffectContext },
) => Promise<void>;

const steps: Readonly<Record<DrainNote['step'], Step>> = {
  async cordon(node, note, { context }) {
    await setSchedulable({ kind: 'Node', name: node }, context.cluster, false);
    note.step = 'evict';
  },
  async evict(node, note, { fault, context }) {
    const { cluster, nowMs } = context;
    const pods = await cluster.list('Pod');
    const left = pods.ok ? pods.object.filter(({ spec }) => spec?.nodeName === node) : [];
    for (const { metadata } of left) {
      if (metadata?.deletionTimestamp) continue;
      const { namespace = '', name = '' } = metadata ?? {};
      await cluster.evict({ kind: 'Pod', namespace, name }, person);
    }
    note.atMs = nowMs + retryMs;
    if (pods.ok && left.length === 0) {
      note.step = Number(fault.parameters.rebootMs ?? 0) > 0 ? 'restart' : 'rest';
      note.atMs = nowMs;
    }
  },
  async restart(node, note, { fault, context }) {
    const backMs = context.nowMs + Number(fault.parameters.rebootMs);
    context.conditions.rebootingNodes.set(node, backMs);
    note.step = 'rest';
    note.atMs = backMs + retryMs;
  },
  async rest(node, note, { fault, context }) {
    await setSchedulable({ kind: 'Node', name: node }, context.cluster, true);
    note.nodes.shift();
    note.step = 'cordon';
    note.atMs = context.nowMs + Number(fault.parameters.pauseMs ?? 0);
  },
};

async function setSchedulable(
  ref: ObjectRef<'Node'>,
  cluster: EffectContext['cluster'],
  isSchedulable: boolean,
): Promise<void> {
  const body = { spec: { unschedulable: isSchedulable ? null : true } };
  await cluster.patch(ref, { type: 'merge', body }, person);
}
