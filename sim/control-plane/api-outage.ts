import type { Status } from '../../core/observable/index.ts';
import { unavailable, writesTimeOut } from './status.ts';

/** Answers a request that cannot be served; undefined for one that can. */
export type Outage = ((verb: 'read' | 'write') => Status | undefined) | undefined;

/** What is wrong with the API server while parts of the platform are down; undefined: nothing. */
export function apiOutage(down: ReadonlySet<string>): Outage {
  if (down.size === 0) return undefined;
  if (down.has('api_server')) return unavailable;
  if (down.has('etcd')) return (verb) => (verb === 'write' ? writesTimeOut() : undefined);
  return undefined;
}
