/**
 * The name of anything that can fail: `zone/x`, `node/x`, `service/x`, `pod/ns/x`, `edge/a->b`,
 * `release/x`, `config/x`, `volume/x`, `external/x`, and `user/x` for a user journey.
 */
export type ComponentId = string;

export type ComponentKind =
  | 'zone'
  | 'node'
  | 'service'
  | 'pod'
  | 'edge'
  | 'release'
  | 'config'
  | 'volume'
  | 'external'
  | 'user';

/** The kind in front of the first slash. */
export function componentKind(id: ComponentId): ComponentKind {
  return id.slice(0, id.indexOf('/')) as ComponentKind;
}

/** What stands behind the first slash. */
export function componentName(id: ComponentId): string {
  return id.slice(id.indexOf('/') + 1);
}

/** The id of the call from one service to another. */
export function edgeId(from: string, to: string): ComponentId {
  return `edge/${from}->${to}`;
}
