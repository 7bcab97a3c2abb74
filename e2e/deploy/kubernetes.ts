// Checks manifests of Kubernetes without a cluster, and refuses unknown fields, as `kubectl apply --validate=strict` does.
import * as monitoring from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';

type Model = { apiVersion: string; prototype: { validate(): void } };

const models = [apps, autoscaling, batch, core, monitoring, networking, policy].flatMap((group) =>
  Object.entries(group as unknown as Record<string, Model>),
);

export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  [field: string]: unknown;
};

/** @throws Error if the text is no YAML */
export function readManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors[0]) throw document.errors[0];
    return document.toJS() as Manifest;
  });
}

/** The faults of a manifest, as sentences. */
export function faultsOf(manifest: Manifest): string[] {
  const { apiVersion, kind } = manifest;
  const [, model] = models.find(([name, each]) => name === kind && each.apiVersion === apiVersion) ?? [];
  if (!model) return [`There is no ${kind} in ${apiVersion}.`];
  const unread = new Set<string>();
  try {
    model.prototype.validate.call(recorder(manifest, '', unread));
  } catch (error) {
    return [(error as Error).message];
  }
  return [...unread].map((path) => `${path} is unknown.`);
}

/** Maps whose keys the user chooses. */
const MAPS = /\/(labels|annotations|matchLabels|selector|stringData|data|requests|limits|nodeSelector)$/;

/**
 * The same value, which removes from `unread` each path that is read. The validators read every field that they know, and no other.
 * @param parts the recorders of its parts, so that a second reading begins with none
 */
function recorder<T extends object>(value: T, path: string, unread: Set<string>, parts = new Map<string, object>()): T {
  if (!Array.isArray(value) && !MAPS.test(path)) for (const key of Object.keys(value)) unread.add(`${path}/${key}`);
  return new Proxy(value, {
    get(target, key) {
      const part: unknown = Reflect.get(target, key);
      if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return part;
      const own = `${path}/${key}`;
      unread.delete(own);
      if (typeof part !== 'object' || part === null) return part;
      const recorded = parts.get(own) ?? recorder(part, own, unread, parts);
      parts.set(own, recorded);
      return recorded;
    },
  });
}
