import { blindSets } from './blind-sets.ts';
import { demoServices } from './demo.ts';
import type { EvalCase, MadeUpSet } from './eval-case.ts';
import { madeUp } from './running-service.ts';
import type { EvalSet } from './score.ts';
import apiaryCases from './sets/apiary/cases.json' with { type: 'json' };
import { SERVICE as apiary } from './sets/apiary/service.ts';
import brindleCases from './sets/brindle/cases.json' with { type: 'json' };
import { SERVICE as brindle } from './sets/brindle/service.ts';
import crescendoCases from './sets/crescendo/cases.json' with { type: 'json' };
import { SERVICE as crescendo } from './sets/crescendo/service.ts';
import demoCases from './sets/demo/cases.json' with { type: 'json' };
import freightdeskCases from './sets/freightdesk/cases.json' with { type: 'json' };
import { SERVICE as freightdesk } from './sets/freightdesk/service.ts';
import galeopsCases from './sets/galeops/cases.json' with { type: 'json' };
import { SERVICE as galeops } from './sets/galeops/service.ts';
import harbourCases from './sets/harbour/cases.json' with { type: 'json' };
import { SERVICE as harbour } from './sets/harbour/service.ts';
import hirewellCases from './sets/hirewell/cases.json' with { type: 'json' };
import { SERVICE as hirewell } from './sets/hirewell/service.ts';
import seedbankCases from './sets/seedbank/cases.json' with { type: 'json' };
import { SERVICE as seedbank } from './sets/seedbank/service.ts';
import torqueCases from './sets/torque/cases.json' with { type: 'json' };
import { SERVICE as torque } from './sets/torque/service.ts';
import waterlabCases from './sets/waterlab/cases.json' with { type: 'json' };
import { SERVICE as waterlab } from './sets/waterlab/service.ts';

/** As they stand in their files: which operations only read, and which parameters choose a page or an order, is said here. */
const seedbankReads = Object.values(seedbank.document.paths as Record<string, { post: { operationId: string } }>)
  .map(({ post }) => post.operationId)
  .filter((id) => /(?:List|Get|Search)$/.test(id));

export const madeUpSets: readonly MadeUpSet[] = [
  { service: { ...harbour, paging: ['page', 'pageSize', 'sort'] }, cases: harbourCases as unknown as EvalCase[] },
  {
    service: { ...seedbank, reads: seedbankReads, paging: ['limit', 'offset', 'orderBy'] },
    cases: seedbankCases as unknown as EvalCase[],
  },
  { service: { ...apiary, paging: ['cursor', 'sort'] }, cases: apiaryCases as unknown as EvalCase[] },
  { service: { ...waterlab, paging: ['pg'] }, cases: waterlabCases as unknown as EvalCase[] },
  { service: { ...crescendo, paging: ['page', 'limit', 'sort'] }, cases: crescendoCases as unknown as EvalCase[] },
  { service: { ...galeops, paging: ['cursor', 'page_size', 'sort'] }, cases: galeopsCases as unknown as EvalCase[] },
  {
    service: {
      ...freightdesk,
      reads: ['searchConsignments', 'searchRuns', 'searchCharges'],
      paging: ['pg', 'offset', 'max'],
    },
    cases: freightdeskCases as unknown as EvalCase[],
  },
  { service: { ...brindle, paging: ['page', 'per_page', 'sort'] }, cases: brindleCases as unknown as EvalCase[] },
  {
    service: {
      ...hirewell,
      reads: ['searchCandidates', 'searchApplications', 'searchInterviews'],
      paging: ['page', 'pageSize', 'offset', 'limit'],
    },
    cases: hirewellCases as unknown as EvalCase[],
  },
  { service: { ...torque, paging: ['marker'] }, cases: torqueCases as unknown as EvalCase[] },
];

/** Services that are measured together. */
const together = (name: string, sets: readonly MadeUpSet[]): EvalSet => ({
  name,
  services: sets.map(({ service }) => madeUp(service)),
  cases: sets.flatMap(({ cases }) => cases),
});

/** All sets that the planner is measured by. */
export const evalSets: readonly EvalSet[] = [
  { name: 'demo', services: demoServices, cases: demoCases as unknown as EvalCase[] },
  ...madeUpSets.map(({ service, cases }) => ({ name: service.id, services: [madeUp(service)], cases })),
  ...Object.entries(blindSets).map(([name, sets]) => together(name, sets)),
];
