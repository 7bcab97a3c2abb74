// The files for operators in deploy/grafana and deploy/prometheus.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const root = new URL('../../', import.meta.url);
export const readDeployed = (path: string): string => readFileSync(new URL(path, root), 'utf8');

export type Target = { refId: string; expr: string; legendFormat?: string; datasource: { uid: string } };
export type Panel = {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { uid: string };
  targets?: Target[];
};
export type Dashboard = {
  uid: string;
  panels: Panel[];
  templating: { list: { name: string; type: string; query: unknown }[] };
};
export type Rule = {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook: string };
};

export const readDashboard = (): Dashboard => JSON.parse(readDeployed('deploy/grafana/errand.json'));

export const readRules = (): Rule[] =>
  (parse(readDeployed('deploy/prometheus/rules.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    ({ rules }) => rules,
  );

/** The selectors of the series in an expression. */
export const selectorsOf = (expr: string): string[] =>
  [...expr.matchAll(/\b(?:errand_\w+|up)\{[^}]*\}/g)].map(([s]) => s);

export const namesIn = (expr: string): string[] => [...expr.matchAll(/\berrand_\w+/g)].map(([name]) => name);
