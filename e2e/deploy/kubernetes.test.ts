// The manifests of deploy/kubernetes, checked without a cluster.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { faultsOf, type Manifest, readManifests } from './kubernetes.ts';
import { CONNECTIONS, DRAIN_SECONDS, unknownSettings } from './settings.ts';

const folder = join(import.meta.dirname, '../../deploy/kubernetes');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
const manifests = files.flatMap((name) => readManifests(readFileSync(join(folder, name), 'utf8')));
const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
const named = (kind: string, name: string) => ofKind(kind).find(({ metadata }) => metadata.name === name)!;

const Probe = z.object({
  httpGet: z.object({ path: z.string(), port: z.string() }),
  periodSeconds: z.number(),
  failureThreshold: z.number(),
});
const Container = z.object({
  image: z.string(),
  args: z.string().array(),
  env: z.object({ name: z.string(), value: z.string() }).array().default([]),
  envFrom: z
    .object({
      configMapRef: z.object({ name: z.string() }).optional(),
      secretRef: z.object({ name: z.string() }).optional(),
    })
    .array(),
  ports: z.object({ name: z.string(), containerPort: z.number() }).array().default([]),
  readinessProbe: Probe.optional(),
  livenessProbe: Probe.optional(),
  securityContext: z.unknown(),
  resources: z.object({ requests: z.object({ cpu: z.string(), memory: z.string() }), limits: z.unknown() }),
});
const Workload = z.object({
  spec: z.object({
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }).optional(),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.object({
        containers: z.tuple([Container]),
        enableServiceLinks: z.boolean(),
        automountServiceAccountToken: z.boolean(),
        securityContext: z.unknown(),
        terminationGracePeriodSeconds: z.number().optional(),
      }),
    }),
  }),
});
const workloads = [...ofKind('Deployment'), ...ofKind('Job')].map((manifest) => ({
  name: manifest.metadata.name,
  ...Workload.parse(manifest).spec,
}));
const podOf = (name: string) => workloads.find((each) => each.name === name)!.template.spec;

test.each(manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
  '%s is valid, without unknown fields',
  (_, manifest) => {
    expect(faultsOf(manifest)).toEqual([]);
  },
);

describe('a planted fault is found:', () => {
  const deployment = readFileSync(join(folder, 'http.yaml'), 'utf8');
  const plant = (from: string, to: string, text = deployment) => {
    expect(text).toContain(from);
    return readManifests(text.replace(from, to)).flatMap(faultsOf);
  };

  test.each([
    ['an unknown field of a container', 'image:', 'imagee:', '/spec/template/spec/containers/0/imagee is unknown.'],
    ['an unknown field of a probe', 'periodSeconds: 5', 'periodSecond: 5', 'periodSecond is unknown.'],
    ['an unknown field of the manifest', 'spec:\n  replicas', 'specs: 1\nspec:\n  replicas', '/specs is unknown.'],
    ['a wrong type', 'replicas: 2', 'replicas: "2"', 'spec/replicas must be'],
    ['an unknown kind', 'kind: Deployment', 'kind: Deploymint', 'There is no Deploymint in apps/v1.'],
    ['an old version', 'policy/v1', 'policy/v1beta1', 'There is no PodDisruptionBudget in policy/v1beta1.'],
  ])('%s', (_, from, to, fault) => {
    const faults = plant(from, to);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  test('an unknown field for the Prometheus operator', () => {
    const monitor = readFileSync(join(folder, 'monitoring.yaml'), 'utf8');
    expect(plant('interval: 15s', 'intervall: 15s', monitor)).toEqual(['/spec/endpoints/0/intervall is unknown.']);
  });
});

test('each pod may do nothing but run Errand', () => {
  for (const { name, template } of workloads) {
    const [container] = template.spec.containers;
    expect({ name, ...template.spec }).toMatchObject({
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  }
});

test('every setting exists, and so does every map and secret', () => {
  const names = [
    ...workloads.flatMap(({ template }) => template.spec.containers[0].env.map(({ name }) => name)),
    ...ofKind('ConfigMap').flatMap(({ data }) => Object.keys(data as object)),
    ...ofKind('Secret').flatMap(({ stringData }) => Object.keys(stringData as object)),
  ];
  expect(unknownSettings(names)).toEqual([]);
  const nameOf = ({ metadata }: Manifest) => metadata.name;
  for (const { configMapRef, secretRef } of workloads.flatMap(({ template }) => template.spec.containers[0].envFrom)) {
    if (configMapRef) expect(ofKind('ConfigMap').map(nameOf)).toContain(configMapRef.name);
    if (secretRef) expect(ofKind('Secret').map(nameOf)).toContain(secretRef.name);
  }
  expect(workloads.map(({ template }) => template.spec.containers[0].image)).toEqual(
    workloads.map(() => `errand:${version}`),
  );
});

test('Services, budgets and selectors find the pods, and probes find the ports', () => {
  for (const { name, selector, template } of workloads) {
    if (selector) expect({ name, ...template.metadata.labels }).toMatchObject(selector.matchLabels);
    const [{ ports, livenessProbe, readinessProbe }] = template.spec.containers;
    for (const probe of [livenessProbe, readinessProbe])
      if (probe) expect(ports.map((port) => port.name)).toContain(probe.httpGet.port);
  }
  const podLabels = workloads.map(({ template }) => template.metadata.labels);
  const selectors = [
    ...ofKind('Service').map(({ spec }) => (spec as { selector: Record<string, string> }).selector),
    ...ofKind('PodDisruptionBudget').map(({ spec }) => labelsOf(spec)),
    ...ofKind('NetworkPolicy').map(({ spec }) => (spec as { podSelector: Labels }).podSelector.matchLabels),
  ];
  for (const selector of selectors)
    expect(
      podLabels.filter((labels) => Object.entries(selector).every(([key, value]) => labels[key] === value)),
    ).not.toEqual([]);
  const monitored = labelsOf(named('ServiceMonitor', 'errand').spec);
  expect(named('Service', 'errand-metrics').metadata.labels).toMatchObject(monitored);
});

test('a pod leaves the Service before it stops, and has time to end its work', () => {
  const { containers, terminationGracePeriodSeconds = 30 } = podOf('errand-http');
  const { readinessProbe, env } = containers[0];
  const lameDuck = Number(env.find(({ name }) => name === 'ERRAND_LAME_DUCK_SECONDS')!.value);
  expect(readinessProbe!.httpGet.path).toBe('/readyz');
  expect(3 * readinessProbe!.periodSeconds * readinessProbe!.failureThreshold).toBeLessThanOrEqual(lameDuck);
  expect(lameDuck + DRAIN_SECONDS).toBeLessThan(terminationGracePeriodSeconds);
  expect(podOf('errand-worker').terminationGracePeriodSeconds).toBeGreaterThan(DRAIN_SECONDS);
});

test('a version that cannot start replaces no process', () => {
  for (const name of ['errand-http', 'errand-worker']) {
    expect(named('Deployment', name).spec).toMatchObject({
      minReadySeconds: 15,
      strategy: { rollingUpdate: { maxUnavailable: 0 } },
    });
    expect(podOf(name).containers[0].readinessProbe).toBeDefined();
  }
});

test('the monitored job has the name that the rules select', () => {
  const { jobLabel } = named('ServiceMonitor', 'errand').spec as { jobLabel: string };
  const job = named('Service', 'errand-metrics').metadata.labels?.[jobLabel];
  const rules = readFileSync(join(folder, '../prometheus/rules.yml'), 'utf8');
  expect(new Set([...rules.matchAll(/job="([^"]+)"/g)].map(([, name]) => name))).toEqual(new Set([job]));
});

test('the page names the connections of all processes during a rollout', () => {
  const { replicas } = named('Deployment', 'errand-http').spec as { replicas: number };
  const { maxReplicas } = named('HorizontalPodAutoscaler', 'errand-worker').spec as { maxReplicas: number };
  const page = readFileSync(join(folder, '../../docs/containers.md'), 'utf8');
  const [, connections] = /`max_connections` of at least (\d+)/.exec(page)!;
  const reserved = 3;
  expect(Number(connections)).toBeGreaterThanOrEqual((replicas + 1 + maxReplicas + 1) * CONNECTIONS + reserved);
});

test('only the Job that migrates has the login of the owner', () => {
  const withOwner = ofKind('Secret').filter(({ stringData }) => JSON.stringify(stringData).includes('errand_owner'));
  expect(withOwner.map(({ metadata }) => metadata.name)).toEqual(['errand-migrate']);
  const users = workloads.filter(({ template }) => JSON.stringify(template).includes('"errand-migrate"'));
  expect(users.map(({ name }) => name)).toEqual(['errand-migrate']);
});

type Labels = { matchLabels: Record<string, string> };
const labelsOf = (spec: unknown) => (spec as { selector: Labels }).selector.matchLabels;
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};
