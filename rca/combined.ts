import type { Evidence, Localizer, Suspect } from '../core/observable/index.ts';
import { findLoadSurges, type LoadSurge } from './load-surge.ts';
import { findPacketLoss, type PacketLoss } from './packet-loss.ts';
import { findPlaceLoss, type PlaceLoss } from './placement-loss.ts';
import { ramp } from './ramp.ts';
import { combineTerms, explainTerms, rankSuspects, type Term } from './ranking.ts';
import { actionsForLoad, actionsForNode, actionsForService, actionsForZone } from './runbook.ts';
import { type ServiceCase, studyServices } from './service-case.ts';
import { ShiftReader } from './shifts.ts';
import { windowsOf } from './windows.ts';

/** Below this nothing stands out, and silence is the better answer. */
const weightMin = 0.2;
/** How much of a service's guilt a lost or lossy place or a surge of load takes away. */
const explainedAway = 0.85;
/** Dropped packets accuse a place about as surely as its silence. */
const dropsWeight = 0.9;

/**
 * Weighs independent evidence for every zone, node, service and for load itself: silent and lossy
 * places, demand of users, latency and errors that begin at a service (metrics and traces), memory,
 * restarts, logs that accuse it, and recent changes to it. What a lost or lossy place or a surge
 * explains is taken off the services. Fails for several causes at once, and for causes outside
 * telemetry. Cost: under 50 ms for 600 series, 200 scrapes and 5,000 spans.
 */
export const combined: Localizer = {
  name: 'combined',
  rank(evidence) {
    const windows = windowsOf(evidence);
    const shifts = new ShiftReader(evidence.metrics, windows);
    const places = findPlaceLoss(evidence, windows);
    const drops = findPacketLoss(evidence, windows, shifts);
    const zoneLoss = highestValue(places.zones);
    const ofPlaces = Math.max(
      zoneLoss,
      highestValue(drops.zones.values()),
      0.7 * highestValue(places.nodes),
      0.7 * highestValue(drops.nodes.values()),
    );
    const surges = findLoadSurges(evidence, windows, shifts).map((surge) => ({
      ...surge,
      value: surge.value * (1 - 0.7 * zoneLoss),
    }));
    const load = highestValue(surges);
    const cases = studyServices(evidence, windows, shifts);
    const innocence = (1 - explainedAway * load) * (1 - explainedAway * ofPlaces);
    return rankSuspects(
      [
        ...places.zones.map((zone) => suspectZone(zone, drops.zones.get(zone.name) as PacketLoss)),
        ...places.nodes.map((node) =>
          suspectNode(node, drops.nodes.get(node.name) as PacketLoss, zoneLoss),
        ),
        ...surges.map((surge) => suspectLoad(surge, evidence, cases)),
        ...cases.map((study) => suspectService(study, evidence, innocence)),
      ],
      weightMin,
    );
  },
};

function highestValue(items: Iterable<{ readonly value: number }>): number {
  return Math.max(0, ...Array.from(items, ({ value }) => value));
}

function suspectZone({ name, value, staysReady, reason }: PlaceLoss, drops: PacketLoss): Suspect {
  const silence: Term = { value: ramp(value, 0.2, 0.8), weight: 0.97, reason };
  const terms = [silence, { ...drops, weight: dropsWeight }];
  const ofSilence = staysReady ? 'network_partition' : 'zone_outage';
  return {
    component: `zone/${name}`,
    weight: combineTerms(terms),
    faultClass: drops.value > silence.value ? 'network_loss' : ofSilence,
    why: explainTerms(terms),
    suggestedActions: actionsForZone(name),
  };
}

function suspectNode(
  { name, value, reason }: PlaceLoss,
  drops: PacketLoss,
  zoneLoss: number,
): Suspect {
  // A node alone must be surely lost: one missed scrape of it is half its evidence.
  const silence: Term = { value: ramp(value, 0.5, 0.9), weight: 0.9, reason };
  const terms = [silence, { ...drops, weight: dropsWeight }];
  return {
    component: `node/${name}`,
    weight: combineTerms(terms) * (1 - 0.6 * zoneLoss),
    faultClass: drops.value > silence.value ? 'network_loss' : 'node_outage',
    why: explainTerms(terms),
    suggestedActions: actionsForNode(name),
  };
}

function suspectLoad(
  { component, value, factor }: LoadSurge,
  { topology }: Evidence,
  cases: readonly ServiceCase[],
): Suspect {
  const who = component === 'user/*' ? 'all users together' : `users of ${component.slice(5)}`;
  const terms = [{ value, weight: 0.95, reason: `${who} ask ${factor.toFixed(1)} times as much` }];
  const busiest = cases
    .filter(({ cpuUtilization }) => cpuUtilization > 0.7)
    .sort((a, b) => b.cpuUtilization - a.cpuUtilization || (a.service < b.service ? -1 : 1))
    .slice(0, 4);
  return {
    component,
    weight: combineTerms(terms),
    faultClass: 'load_surge',
    why: explainTerms(terms),
    suggestedActions: actionsForLoad(
      topology,
      busiest.map(({ service }) => service),
    ),
  };
}

function suspectService(study: ServiceCase, { topology }: Evidence, innocence: number): Suspect {
  const { service, terms, faultClass, change } = study;
  const actions = actionsForService(topology, service, faultClass, change !== null);
  return {
    component: `service/${service}`,
    weight: combineTerms(terms) * innocence,
    faultClass,
    why: explainTerms(terms),
    suggestedActions: actions,
  };
}
