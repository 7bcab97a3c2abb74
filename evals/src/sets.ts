import { readFileSync } from 'node:fs';
import { demoServices } from './demo-services.ts';
import type { EvalCase } from './eval-case.ts';
import type { ServiceData } from './kit/service-data.ts';
import { madeUp, type TestedService } from './running-service.ts';
import type { EvalSet } from './score.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** @returns a made-up service by its id */
export const readService = (id: string): ServiceData => JSON.parse(read(`services/${id}.json`)) as ServiceData;

/** The cases of all sets in the order of the file; cases of one set follow each other. */
const lines = read('cases.jsonl')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as EvalCase & { set: string });

const services = new Map<string, TestedService>(demoServices.map((service) => [service.id, service]));
for (const id of new Set(lines.flatMap((line) => line.services)))
  if (!services.has(id)) services.set(id, madeUp(readService(id)));

/** All sets that the planner is measured by, each with the services that its cases name. */
export const evalSets: readonly EvalSet[] = [...new Set(lines.map(({ set }) => set))].map((name) => {
  const cases = lines.filter(({ set }) => set === name);
  const ids = new Set(cases.flatMap((each) => each.services));
  return { name, cases, services: [...ids].map((id) => services.get(id)!) };
});
