import { readyStatus, removeExecuteTaints } from './node-taints.ts';
import { type Cluster, findObject, setTimer, type ZoneRuntime, type ZoneState } from './state.ts';

const evictionRate = 0.1;
const secondaryEvictionRate = 0.01;
const unhealthyZoneThreshold = 0.55;
const largeClusterNodes = 50;

interface ZoneHealth {
  ready: number;
  notReady: number;
}

/**
 * Sets each zone's rate of NoExecute taints from how much of it is down. When every zone is wholly
 * down, taints are taken back: then it is the control plane that is cut off.
 */
export function judgeZones(cluster: Cluster): void {
  const { state } = cluster;
  const health = countZones(cluster);
  const states = new Map([...health].map(([zone, counts]) => [zone, zoneState(counts)]));
  const allDown = states.size > 0 && [...states.values()].every((zone) => zone === 'full');
  if (allDown) {
    if (!state.allZonesDown) stopEvictions(cluster);
    return;
  }
  const recovers = state.allZonesDown;
  state.allZonesDown = false;
  if (recovers) for (const node of state.nodes.values()) node.observedUs = state.nowUs;
  for (const [name, zone] of state.zones) {
    const next = states.get(name) ?? 'normal';
    if (next === zone.state && !recovers) continue;
    zone.state = next;
    zone.taintsPerSec = rateOf(next, health.get(name));
    armZone(cluster, name);
  }
}

function countZones(cluster: Cluster): Map<string, ZoneHealth> {
  const health = new Map<string, ZoneHealth>();
  for (const { name, zone } of cluster.state.nodes.values()) {
    const node = findObject(cluster, 'Node', name);
    if (node === undefined) continue;
    const counts = health.get(zone) ?? { ready: 0, notReady: 0 };
    health.set(zone, counts);
    if (readyStatus(node) === 'True') counts.ready += 1;
    else counts.notReady += 1;
  }
  return health;
}

function zoneState({ ready, notReady }: ZoneHealth): ZoneState {
  if (ready === 0 && notReady > 0) return 'full';
  if (notReady > 2 && notReady / (ready + notReady) >= unhealthyZoneThreshold) return 'partial';
  return 'normal';
}

function rateOf(state: ZoneState, health: ZoneHealth | undefined): number {
  if (state !== 'partial') return evictionRate;
  const nodes = (health?.ready ?? 0) + (health?.notReady ?? 0);
  return nodes > largeClusterNodes ? secondaryEvictionRate : 0;
}

function stopEvictions(cluster: Cluster): void {
  const { state } = cluster;
  state.allZonesDown = true;
  for (const runtime of state.nodes.values()) {
    const node = findObject(cluster, 'Node', runtime.name);
    if (node !== undefined) removeExecuteTaints(cluster, node);
    runtime.taintQueuedUs = null;
  }
  for (const zone of state.zones.values()) {
    zone.state = 'full';
    zone.taintsPerSec = 0;
  }
}

/** Sets the timer for the zone's next taint, if it has none and its rate is not zero. */
export function armZone(cluster: Cluster, name: string): void {
  const zone = cluster.state.zones.get(name);
  if (zone === undefined || zone.taintTimerArmed || zone.taintsPerSec === 0) return;
  zone.taintTimerArmed = true;
  setTimer(cluster, zone.nextTaintUs, { kind: 'taint_nodes', zone: name });
}

export function createZone(startUs: number): ZoneRuntime {
  return {
    state: 'normal',
    taintsPerSec: evictionRate,
    nextTaintUs: startUs,
    taintTimerArmed: false,
  };
}
