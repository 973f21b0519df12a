import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadTopology } from '../../scenarios/index.ts';
import { readManifests } from '../../scenarios/manifests.ts';

function folderOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  writeFileSync(join(folder, 'web.yaml'), text);
  return folder;
}

const deployment = (replicas: number): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: server, image: web:1 }] }
`;
const autoscaler = (most: number): string => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  maxReplicas: ${most}
`;

it('manifests may ask for a thousand pods of a workload, and not for more', () => {
  const limit = 'expected a whole number from 0 to 1000, got 1001';
  expect(readManifests(folderOf(deployment(1000)))).toHaveLength(1);
  expect(() => readManifests(folderOf(deployment(1001)))).toThrow(
    `web.yaml:5:13: spec.replicas: ${limit}`,
  );
  expect(readManifests(folderOf(autoscaler(1000)))).toHaveLength(1);
  expect(() => readManifests(folderOf(autoscaler(1001)))).toThrow(
    `web.yaml:6:16: spec.maxReplicas: ${limit}`,
  );
});

it('generated topologies keep to that', () => {
  const { objects } = loadTopology('generated:2000');
  const counts = objects.map((object) => {
    const { replicas = 0, maxReplicas = 0 } =
      (object as { spec?: Record<string, number> }).spec ?? {};
    return Math.max(replicas, maxReplicas);
  });
  expect(Math.max(...counts)).toBeLessThanOrEqual(1000);
});
