import { atLeast, atMost, type Operation, same } from '../kit.ts';
import { adds, changes, gets, lists, type Thing } from '../rest.ts';
import { amount, day, moment, object, oneOf, text, whole } from '../schemas.ts';
import { dayAt } from './data.ts';
import * as doc from './document.ts';
import { byVessel, NOW, PAGES, state } from './filters.ts';

const JOB: Thing = ['jobs', 'jobId', 'Job'];

const jobFilters = [
  byVessel,
  same('workerId', text('Only those of this yard worker')),
  state('jobs', doc.JOB_STATES),
  same('priority', oneOf('Only those of this priority', doc.PRIORITIES)),
  atMost('dueBefore', day('Due on this day or earlier'), 'dueOn'),
];

/** The crane, the boatyard and the fuel pier. */
export const YARD: Operation[] = [
  lists(['listLifts', '/lifts', 'List crane lifts'], ['lifts', 'Lift'], {
    filters: [
      byVessel,
      state('lifts', ['scheduled', 'done', 'cancelled']),
      atLeast('from', moment('Start at this time or later'), 'startsAt'),
      atMost('to', moment('Start at this time or earlier'), 'startsAt'),
    ],
  }),
  adds(['scheduleLift', '/lifts', 'Schedule a crane lift'], ['lifts', 'Lift'], {
    body: object({
      'vesselId!': text('Vessel that is lifted'),
      'kind!': oneOf('Out of the water or into it', ['haul_out', 'launch']),
      'startsAt!': moment('Start'),
      'durationMinutes!': whole('How long the crane is taken, in minutes'),
    }),
    set: { status: 'scheduled' },
  }),
  changes(['cancelLift', '/lifts/{liftId}/cancel', 'Cancel a crane lift'], ['lifts', 'liftId', 'Lift'], {
    set: { status: 'cancelled' },
    only: ['scheduled'],
  }),
  lists(['listJobs', '/jobs', 'List yard jobs'], ['jobs', 'Job'], { paging: PAGES, filters: jobFilters }),
  gets(['getJob', '/jobs/{jobId}', 'Get a yard job'], JOB),
  adds(['createJob', '/jobs', 'Create a yard job for a vessel'], ['jobs', 'Job'], {
    body: object({
      'vesselId!': text('Vessel that is worked on'),
      'title!': doc.JOB_BODY.title,
      workerId: doc.JOB_BODY.workerId,
      dueOn: doc.JOB_BODY.dueOn,
      estimatedHours: doc.JOB_BODY.estimatedHours,
      priority: doc.JOB_BODY.priority,
    }),
    set: { status: 'planned', workerId: null, dueOn: dayAt(14), estimatedHours: 1, priority: 'normal' },
  }),
  changes(['updateJob', '/jobs/{jobId}', 'Change a yard job'], JOB, { method: 'patch', body: object(doc.JOB_BODY) }),
  changes(['startJob', '/jobs/{jobId}/start', 'Start a planned yard job'], JOB, {
    set: { status: 'in_progress' },
    only: ['planned'],
  }),
  changes(['completeJob', '/jobs/{jobId}/complete', 'Mark a yard job as done'], JOB, {
    set: { status: 'done' },
    only: ['planned', 'in_progress'],
  }),
  lists(['listWorkers', '/workers', 'List the yard workers'], ['workers', 'Worker']),
  lists(['listFuelSales', '/fuel-sales', 'List fuel sales'], ['fuelSales', 'FuelSale'], {
    paging: PAGES,
    filters: [
      byVessel,
      same('fuel', oneOf('Only this fuel', ['diesel', 'petrol'])),
      atLeast('soldFrom', day('Sold on this day or later'), 'soldAt'),
      atMost('soldTo', day('Sold on this day or earlier'), 'soldAt'),
    ],
  }),
  adds(['recordFuelSale', '/fuel-sales', 'Record a fuel sale'], ['fuelSales', 'FuelSale'], {
    body: object({
      'vesselId!': text('Vessel that took fuel'),
      'fuel!': oneOf('Fuel', ['diesel', 'petrol']),
      'litres!': amount('Litres sold'),
      'total!': amount('Price in NOK'),
    }),
    set: { soldAt: NOW },
  }),
];
