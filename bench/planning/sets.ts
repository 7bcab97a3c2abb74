import { demoServices } from './demo.ts';
import type { EvalCase } from './eval-case.ts';
import type { EvalService } from './eval-service.ts';
import { madeUp } from './running-service.ts';
import type { EvalSet } from './score.ts';
import apiaryCases from './sets/apiary/cases.json' with { type: 'json' };
import { SERVICE as apiary } from './sets/apiary/service.ts';
import ashgroveCases from './sets/ashgrove/cases.json' with { type: 'json' };
import { SERVICE as ashgrove } from './sets/ashgrove/service.ts';
import brindleCases from './sets/brindle/cases.json' with { type: 'json' };
import { SERVICE as brindle } from './sets/brindle/service.ts';
import carenoteCases from './sets/carenote/cases.json' with { type: 'json' };
import { SERVICE as carenote } from './sets/carenote/service.ts';
import commonroofCases from './sets/commonroof/cases.json' with { type: 'json' };
import { SERVICE as commonroof } from './sets/commonroof/service.ts';
import crescendoCases from './sets/crescendo/cases.json' with { type: 'json' };
import { SERVICE as crescendo } from './sets/crescendo/service.ts';
import demoCases from './sets/demo/cases.json' with { type: 'json' };
import deskwiseCases from './sets/deskwise/cases.json' with { type: 'json' };
import { SERVICE as deskwise } from './sets/deskwise/service.ts';
import doorstepCases from './sets/doorstep/cases.json' with { type: 'json' };
import { SERVICE as doorstep } from './sets/doorstep/service.ts';
import foliantCases from './sets/foliant/cases.json' with { type: 'json' };
import { SERVICE as foliant } from './sets/foliant/service.ts';
import freightdeskCases from './sets/freightdesk/cases.json' with { type: 'json' };
import { SERVICE as freightdesk } from './sets/freightdesk/service.ts';
import galeopsCases from './sets/galeops/cases.json' with { type: 'json' };
import { SERVICE as galeops } from './sets/galeops/service.ts';
import harbourCases from './sets/harbour/cases.json' with { type: 'json' };
import { SERVICE as harbour } from './sets/harbour/service.ts';
import heliodeskCases from './sets/heliodesk/cases.json' with { type: 'json' };
import { SERVICE as heliodesk } from './sets/heliodesk/service.ts';
import hirewellCases from './sets/hirewell/cases.json' with { type: 'json' };
import { SERVICE as hirewell } from './sets/hirewell/service.ts';
import kerbsideCases from './sets/kerbside/cases.json' with { type: 'json' };
import { SERVICE as kerbside } from './sets/kerbside/service.ts';
import kindlingCases from './sets/kindling/cases.json' with { type: 'json' };
import { SERVICE as kindling } from './sets/kindling/service.ts';
import lexhourCases from './sets/lexhour/cases.json' with { type: 'json' };
import { SERVICE as lexhour } from './sets/lexhour/service.ts';
import loftworkCases from './sets/loftwork/cases.json' with { type: 'json' };
import { SERVICE as loftwork } from './sets/loftwork/service.ts';
import maltingsCases from './sets/maltings/cases.json' with { type: 'json' };
import { SERVICE as maltings } from './sets/maltings/service.ts';
import marqueeCases from './sets/marquee/cases.json' with { type: 'json' };
import { SERVICE as marquee } from './sets/marquee/service.ts';
import mossfieldCases from './sets/mossfield/cases.json' with { type: 'json' };
import { SERVICE as mossfield } from './sets/mossfield/service.ts';
import parlanceCases from './sets/parlance/cases.json' with { type: 'json' };
import { SERVICE as parlance } from './sets/parlance/service.ts';
import peoplebaseCases from './sets/peoplebase/cases.json' with { type: 'json' };
import { SERVICE as peoplebase } from './sets/peoplebase/service.ts';
import pepperboxCases from './sets/pepperbox/cases.json' with { type: 'json' };
import { SERVICE as pepperbox } from './sets/pepperbox/service.ts';
import roadreadyCases from './sets/roadready/cases.json' with { type: 'json' };
import { SERVICE as roadready } from './sets/roadready/service.ts';
import savouryCases from './sets/savoury/cases.json' with { type: 'json' };
import { SERVICE as savoury } from './sets/savoury/service.ts';
import seedbankCases from './sets/seedbank/cases.json' with { type: 'json' };
import { SERVICE as seedbank } from './sets/seedbank/service.ts';
import tallybookCases from './sets/tallybook/cases.json' with { type: 'json' };
import { SERVICE as tallybook } from './sets/tallybook/service.ts';
import torqueCases from './sets/torque/cases.json' with { type: 'json' };
import { SERVICE as torque } from './sets/torque/service.ts';
import truewheelCases from './sets/truewheel/cases.json' with { type: 'json' };
import { SERVICE as truewheel } from './sets/truewheel/service.ts';
import vitrineCases from './sets/vitrine/cases.json' with { type: 'json' };
import { SERVICE as vitrine } from './sets/vitrine/service.ts';
import waterlabCases from './sets/waterlab/cases.json' with { type: 'json' };
import { SERVICE as waterlab } from './sets/waterlab/service.ts';
import waymarkCases from './sets/waymark/cases.json' with { type: 'json' };
import { SERVICE as waymark } from './sets/waymark/service.ts';
import yardlineCases from './sets/yardline/cases.json' with { type: 'json' };
import { SERVICE as yardline } from './sets/yardline/service.ts';

export type MadeUpSet = { service: EvalService; cases: readonly EvalCase[] };

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

/** Sets of three services each, written by somebody who had not seen the planner. */
const blind3: readonly MadeUpSet[] = [
  { service: { ...maltings, paging: ['page', 'perPage', 'sort'] }, cases: maltingsCases as unknown as EvalCase[] },
  { service: { ...ashgrove, paging: ['cursor'] }, cases: ashgroveCases as unknown as EvalCase[] },
  { service: { ...doorstep, paging: ['page', 'size'] }, cases: doorstepCases as unknown as EvalCase[] },
];
const blind4: readonly MadeUpSet[] = [
  { service: { ...deskwise, paging: ['page', 'per_page', 'sort'] }, cases: deskwiseCases as unknown as EvalCase[] },
  { service: { ...peoplebase, paging: ['cursor', 'limit'] }, cases: peoplebaseCases as unknown as EvalCase[] },
  {
    service: {
      ...tallybook,
      reads: ['customers_search', 'invoices_search', 'payments_search', 'expenses_search'],
      paging: ['sort', 'offset', 'limit'],
    },
    cases: tallybookCases as unknown as EvalCase[],
  },
];
const blind5: readonly MadeUpSet[] = [
  { service: { ...pepperbox, paging: ['page', 'per_page', 'sort'] }, cases: pepperboxCases as unknown as EvalCase[] },
  { service: { ...waymark, paging: ['cursor', 'limit'] }, cases: waymarkCases as unknown as EvalCase[] },
  {
    service: {
      ...carenote,
      reads: ['searchAppointments', 'searchAvailability', 'searchPatients', 'searchInvoices'],
      paging: ['sort', 'offset', 'limit'],
    },
    cases: carenoteCases as unknown as EvalCase[],
  },
];
const blind6: readonly MadeUpSet[] = [
  { service: { ...foliant, paging: ['page', 'pageSize', 'sort'] }, cases: foliantCases as unknown as EvalCase[] },
  { service: { ...kindling, paging: ['cursor', 'limit'] }, cases: kindlingCases as unknown as EvalCase[] },
  {
    service: {
      ...yardline,
      reads: [
        'listDepots',
        'searchMachines',
        'getMachine',
        'searchInspections',
        'searchCustomers',
        'getCustomer',
        'searchHires',
        'getHire',
        'searchInvoices',
        'getInvoice',
      ],
      paging: ['orderBy', 'offset', 'limit'],
    },
    cases: yardlineCases as unknown as EvalCase[],
  },
];
const talk1: readonly MadeUpSet[] = [
  { service: { ...truewheel, paging: ['page', 'size'] }, cases: truewheelCases as unknown as EvalCase[] },
  { service: { ...marquee, paging: ['cursor', 'limit', 'sort'] }, cases: marqueeCases as unknown as EvalCase[] },
  {
    service: {
      ...commonroof,
      reads: [
        'buildings_search',
        'members_search',
        'members_get',
        'complaints_search',
        'complaints_get',
        'dues_search',
        'meetings_search',
      ],
      paging: ['orderBy', 'offset', 'limit'],
    },
    cases: commonroofCases as unknown as EvalCase[],
  },
];
const blind7: readonly MadeUpSet[] = [
  { service: { ...roadready, paging: ['page', 'pageSize', 'sort'] }, cases: roadreadyCases as unknown as EvalCase[] },
  { service: { ...heliodesk, paging: ['cursor', 'limit'] }, cases: heliodeskCases as unknown as EvalCase[] },
  {
    service: {
      ...vitrine,
      reads: [
        'searchObjects',
        'getObject',
        'searchLocations',
        'searchLoans',
        'getLoan',
        'searchTreatments',
        'searchExhibitions',
        'searchStaff',
      ],
      paging: ['orderBy', 'offset', 'limit'],
    },
    cases: vitrineCases as unknown as EvalCase[],
  },
];
const blind8: readonly MadeUpSet[] = [
  { service: { ...savoury, paging: ['page', 'pageSize', 'sort'] }, cases: savouryCases as unknown as EvalCase[] },
  { service: { ...parlance, paging: ['cursor', 'limit'] }, cases: parlanceCases as unknown as EvalCase[] },
  {
    service: {
      ...kerbside,
      reads: [
        'searchZones',
        'searchResidents',
        'getResident',
        'searchPermits',
        'getPermit',
        'searchFines',
        'getFine',
        'searchAppeals',
      ],
      paging: ['orderBy', 'offset', 'limit'],
    },
    cases: kerbsideCases as unknown as EvalCase[],
  },
];
const blind9: readonly MadeUpSet[] = [
  { service: { ...loftwork, paging: ['page', 'pageSize'] }, cases: loftworkCases as unknown as EvalCase[] },
  { service: { ...mossfield, paging: ['cursor', 'limit'] }, cases: mossfieldCases as unknown as EvalCase[] },
  {
    service: {
      ...lexhour,
      reads: [
        'searchClients',
        'searchLawyers',
        'searchMatters',
        'getMatter',
        'searchTimeEntries',
        'searchTasks',
        'searchInvoices',
      ],
      paging: ['orderBy', 'offset', 'limit'],
    },
    cases: lexhourCases as unknown as EvalCase[],
  },
];
export const blindSets: readonly MadeUpSet[] = [
  ...blind3,
  ...blind4,
  ...blind5,
  ...blind6,
  ...talk1,
  ...blind7,
  ...blind8,
  ...blind9,
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
  together('blind-3', blind3),
  together('blind-4', blind4),
  together('blind-5', blind5),
  together('blind-6', blind6),
  together('talk-1', talk1),
  together('blind-7', blind7),
  together('blind-8', blind8),
  together('blind-9', blind9),
];
