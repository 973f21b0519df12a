import type { Procedure } from '../observable/index.ts';

/**
 * How far a cause reaches in time: `service` survives new pods, `release` lives in one image,
 * `pods` in the pods there were, `process` begins anew with each process, `node` in a machine,
 * `link` in the network.
 */
export type Binding = 'service' | 'release' | 'pods' | 'process' | 'node' | 'link';

interface CauseTraits {
  readonly binding: Binding;
  /** Procedures of the runbook that end it, run on its target. */
  readonly cures: readonly Procedure[];
}

function cause(binding: Binding, ...cures: Procedure[]): CauseTraits {
  return { binding, cures };
}

/** What can stand behind an impairment. */
export const causeNames = [
  'lost_index',
  'changed_plan',
  'blocking_session',
  'idle_sessions',
  'revoked_rights',
  'changed_password',
  'diverged_replicas',
  'full_volume',
  'throttled_volume',
  'failing_disk',
  'detached_disk',
  'empty_cache',
  'unreadable_record',
  'busy_neighbour',
  'busy_sidecar',
  'growing_sidecar',
  'growing_heap',
  'open_files',
  'slow_link',
  'lossy_link',
  'narrow_link',
  'cut_link',
  'failing_card',
  'unresolved_name',
  'full_connection_table',
  'used_up_ports',
  'hostile_clients',
  'impatient_clients',
  'misrouting_proxy',
  'defect',
  'switched_path',
  'costly_rule',
  'drifting_clock',
  'expired_certificate',
  'maintenance',
  'reconnecting',
] as const;

export type Cause = (typeof causeNames)[number];

const traits: Readonly<Record<Cause, CauseTraits>> = {
  // Databases.
  lost_index: cause('service', 'rebuild_index'),
  changed_plan: cause('service', 'rebuild_index'),
  blocking_session: cause('service', 'end_blocking_session'),
  idle_sessions: cause('service', 'raise_connection_limit', 'end_blocking_session'),
  revoked_rights: cause('link', 'grant_privileges'),
  changed_password: cause('link', 'rotate_credentials'),
  diverged_replicas: cause('service'),
  // Volumes and disks.
  full_volume: cause('service', 'clean_disk', 'expand_volume'),
  throttled_volume: cause('service', 'expand_volume', 'fail_over_database'),
  failing_disk: cause('node', 'fail_over_database'),
  detached_disk: cause('node', 'fail_over_database'),
  // Caches and queues.
  empty_cache: cause('link', 'warm_cache'),
  unreadable_record: cause('service', 'skip_record'),
  // Processes.
  busy_neighbour: cause('node', 'stop_job', 'reboot_node'),
  busy_sidecar: cause('pods', 'stop_job'),
  growing_sidecar: cause('pods', 'stop_job'),
  growing_heap: cause('service'),
  open_files: cause('process', 'raise_connection_limit'),
  // Network.
  slow_link: cause('link'),
  lossy_link: cause('link'),
  narrow_link: cause('link'),
  cut_link: cause('link'),
  failing_card: cause('node', 'reboot_node'),
  unresolved_name: cause('link', 'restart_coredns'),
  full_connection_table: cause('node', 'flush_conntrack', 'reboot_node'),
  used_up_ports: cause('node', 'raise_connection_limit', 'reboot_node'),
  hostile_clients: cause('link', 'shift_traffic_to_scrubber'),
  impatient_clients: cause('link'),
  misrouting_proxy: cause('link'),
  // Software, time, TLS.
  defect: cause('release'),
  switched_path: cause('service'),
  costly_rule: cause('service'),
  drifting_clock: cause('node', 'synchronise_clock', 'reboot_node'),
  expired_certificate: cause('link', 'renew_certificate'),
  // What procedures themselves cost while they run.
  maintenance: cause('service'),
  reconnecting: cause('link'),
};

/** How a cause is bound and what ends it. */
export function causeTraits(name: Cause): CauseTraits {
  return traits[name];
}
