import type { EvalCase, MadeUpSet } from './eval-case.ts';
import airdeskCases from './sets/airdesk/cases.json' with { type: 'json' };
import { SERVICE as airdesk } from './sets/airdesk/service.ts';
import ashgroveCases from './sets/ashgrove/cases.json' with { type: 'json' };
import { SERVICE as ashgrove } from './sets/ashgrove/service.ts';
import carenoteCases from './sets/carenote/cases.json' with { type: 'json' };
import { SERVICE as carenote } from './sets/carenote/service.ts';
import commonroofCases from './sets/commonroof/cases.json' with { type: 'json' };
import { SERVICE as commonroof } from './sets/commonroof/service.ts';
import deskwiseCases from './sets/deskwise/cases.json' with { type: 'json' };
import { SERVICE as deskwise } from './sets/deskwise/service.ts';
import doorstepCases from './sets/doorstep/cases.json' with { type: 'json' };
import { SERVICE as doorstep } from './sets/doorstep/service.ts';
import dovetailCases from './sets/dovetail/cases.json' with { type: 'json' };
import { SERVICE as dovetail } from './sets/dovetail/service.ts';
import foliantCases from './sets/foliant/cases.json' with { type: 'json' };
import { SERVICE as foliant } from './sets/foliant/service.ts';
import hearthlineCases from './sets/hearthline/cases.json' with { type: 'json' };
import { SERVICE as hearthline } from './sets/hearthline/service.ts';
import heliodeskCases from './sets/heliodesk/cases.json' with { type: 'json' };
import { SERVICE as heliodesk } from './sets/heliodesk/service.ts';
import kerbsideCases from './sets/kerbside/cases.json' with { type: 'json' };
import { SERVICE as kerbside } from './sets/kerbside/service.ts';
import kindlingCases from './sets/kindling/cases.json' with { type: 'json' };
import { SERVICE as kindling } from './sets/kindling/service.ts';
import lexhourCases from './sets/lexhour/cases.json' with { type: 'json' };
import { SERVICE as lexhour } from './sets/lexhour/service.ts';
import littleoakCases from './sets/littleoak/cases.json' with { type: 'json' };
import { SERVICE as littleoak } from './sets/littleoak/service.ts';
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
import plugboardCases from './sets/plugboard/cases.json' with { type: 'json' };
import { SERVICE as plugboard } from './sets/plugboard/service.ts';
import roadreadyCases from './sets/roadready/cases.json' with { type: 'json' };
import { SERVICE as roadready } from './sets/roadready/service.ts';
import savouryCases from './sets/savoury/cases.json' with { type: 'json' };
import { SERVICE as savoury } from './sets/savoury/service.ts';
import tallybookCases from './sets/tallybook/cases.json' with { type: 'json' };
import { SERVICE as tallybook } from './sets/tallybook/service.ts';
import touchlineCases from './sets/touchline/cases.json' with { type: 'json' };
import { SERVICE as touchline } from './sets/touchline/service.ts';
import truewheelCases from './sets/truewheel/cases.json' with { type: 'json' };
import { SERVICE as truewheel } from './sets/truewheel/service.ts';
import vitrineCases from './sets/vitrine/cases.json' with { type: 'json' };
import { SERVICE as vitrine } from './sets/vitrine/service.ts';
import waymarkCases from './sets/waymark/cases.json' with { type: 'json' };
import { SERVICE as waymark } from './sets/waymark/service.ts';
import yardlineCases from './sets/yardline/cases.json' with { type: 'json' };
import { SERVICE as yardline } from './sets/yardline/service.ts';

/** Sets of three services each, written by somebody who had not seen the planner. */
export const blindSets: Readonly<Record<string, readonly MadeUpSet[]>> = {
  'blind-3': [
    { service: { ...maltings, paging: ['page', 'perPage', 'sort'] }, cases: maltingsCases as unknown as EvalCase[] },
    { service: { ...ashgrove, paging: ['cursor'] }, cases: ashgroveCases as unknown as EvalCase[] },
    { service: { ...doorstep, paging: ['page', 'size'] }, cases: doorstepCases as unknown as EvalCase[] },
  ],
  'blind-4': [
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
  ],
  'blind-5': [
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
  ],
  'blind-6': [
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
  ],
  'talk-1': [
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
  ],
  'blind-7': [
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
  ],
  'blind-8': [
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
  ],
  'blind-9': [
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
  ],
  'blind-10': [
    {
      service: { ...hearthline, paging: ['page', 'pageSize', 'sort'] },
      cases: hearthlineCases as unknown as EvalCase[],
    },
    { service: { ...touchline, paging: ['cursor', 'limit'] }, cases: touchlineCases as unknown as EvalCase[] },
    {
      service: {
        ...plugboard,
        reads: [
          'searchDevices',
          'getDevice',
          'searchPeople',
          'getPerson',
          'searchLicences',
          'getLicence',
          'searchSeats',
          'searchRequests',
        ],
        paging: ['orderBy', 'offset', 'limit'],
      },
      cases: plugboardCases as unknown as EvalCase[],
    },
  ],
  'blind-11': [
    { service: { ...littleoak, paging: ['page', 'pageSize', 'sort'] }, cases: littleoakCases as unknown as EvalCase[] },
    { service: { ...dovetail, paging: ['cursor', 'limit'] }, cases: dovetailCases as unknown as EvalCase[] },
    {
      service: {
        ...airdesk,
        reads: [
          'searchAdvertisers',
          'getAdvertiser',
          'searchReps',
          'searchCampaigns',
          'searchSpots',
          'searchAirings',
          'searchInvoices',
        ],
        paging: ['orderBy', 'offset', 'limit'],
      },
      cases: airdeskCases as unknown as EvalCase[],
    },
  ],
};
