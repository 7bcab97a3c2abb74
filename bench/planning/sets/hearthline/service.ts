import { atLeast, atMost, contains, find, type Operation, type Row, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Thing } from '../rest.ts';
import { day, email, flag, moment, object, oneOf, text } from '../schemas.ts';
import { seed } from './data.ts';
import {
  CLAIM_STATE_WORDS,
  CLAIM_STATES,
  PERILS,
  POLICY_STATES,
  PRODUCTS,
  paging,
  pounds,
  SCHEMAS,
  VISIT_STATES,
} from './document.ts';

const NOW = '2026-11-25T09:00:00Z';

const CUSTOMER: Thing = ['customers', 'customerId', 'Customer'];
const POLICY: Thing = ['policies', 'policyId', 'Policy'];
const CLAIM: Thing = ['claims', 'claimId', 'Claim'];
const VISIT: Thing = ['visits', 'visitId', 'Visit'];

/** A new claim bears the name of who holds the policy. */
const withHolder = (operation: Operation): Operation => ({
  ...operation,
  run(call) {
    const row = operation.run(call) as Row;
    return Object.assign(row, { policyholder: find(call.tables.policies, row.policyId).policyholder });
  },
});

const operations: Operation[] = [
  lists(['listCustomers', '/customers', 'List customers'], ['customers', 'Customer'], {
    paging,
    filters: [
      contains('search', text('Only customers whose name or e-mail address contains this'), 'name', 'email'),
      same('town', text('Only customers in this town')),
    ],
  }),
  gets(['getCustomer', '/customers/{customerId}', 'Get a customer'], CUSTOMER),
  changes(['updateCustomer', '/customers/{customerId}', 'Change contact details of a customer'], CUSTOMER, {
    method: 'patch',
    body: object({ email: email('E-mail address'), phone: text('Phone number'), town: text('Town') }),
  }),
  lists(['listPolicies', '/policies', 'List policies'], ['policies', 'Policy'], {
    paging,
    filters: [
      same('customerId', text('Only policies of this customer')),
      same('product', oneOf('Only policies of this product', PRODUCTS)),
      same('status', oneOf('Only policies with this status', POLICY_STATES)),
      atLeast('renewsFrom', day('Only policies that renew on this day or later'), 'renewsOn'),
      atMost('renewsTo', day('Only policies that renew on this day or earlier'), 'renewsOn'),
    ],
  }),
  gets(['getPolicy', '/policies/{policyId}', 'Get a policy'], POLICY),
  changes(['updatePolicy', '/policies/{policyId}', 'Change a policy'], POLICY, {
    method: 'patch',
    body: object({
      sumInsured: pounds('Most that is paid'),
      excess: pounds('Part of each claim that the customer bears'),
      address: text('Insured address'),
    }),
  }),
  lists(['listClaims', '/claims', 'List claims'], ['claims', 'Claim'], {
    paging,
    filters: [
      same('status', oneOf('Only claims with this status', CLAIM_STATES)),
      same('peril', oneOf('Only claims with this cause', PERILS)),
      same('policyId', text('Only claims under this policy')),
      same('handlerId', text('Only claims of this handler')),
      {
        name: 'unassigned',
        schema: flag('Only claims without (true) or with (false) a handler'),
        keeps: (row, value) => (row.handlerId === null) === value,
      },
      atLeast('reportedFrom', day('Only claims reported on this day or later'), 'reportedOn'),
      atMost('reportedTo', day('Only claims reported on this day or earlier'), 'reportedOn'),
      {
        name: 'sort',
        schema: oneOf('Order; a minus turns it round', ['reportedOn', '-reportedOn', 'reserve', '-reserve']),
      },
    ],
  }),
  gets(['getClaim', '/claims/{claimId}', 'Get a claim'], CLAIM),
  withHolder(
    adds(['createClaim', '/policies/{policyId}/claims', 'Report a new claim under a policy'], ['claims', 'Claim'], {
      body: object({
        'peril!': oneOf('What caused the loss', PERILS),
        'lossDate!': day('Day of the loss'),
        'description!': text('What happened'),
        reserve: pounds('Amount to set aside; 0 if left out'),
      }),
      within: 'policyId',
      set: { status: 'reported', reportedOn: NOW.slice(0, 10), reserve: 0, currency: 'GBP', handlerId: null },
    }),
  ),
  {
    ...changes(['updateClaim', '/claims/{claimId}', 'Change a claim'], CLAIM, {
      method: 'patch',
      body: object({
        status: oneOf(CLAIM_STATE_WORDS, CLAIM_STATES),
        reserve: pounds('Amount set aside for the claim'),
        handlerId: text('Claims handler in charge'),
        peril: oneOf('What caused the loss', PERILS),
      }),
    }),
    description: 'Changes the members that are sent, e.g. to assign the claim to a handler or to approve it.',
  },
  lists(['listClaimNotes', '/claims/{claimId}/notes', 'List the notes on a claim'], ['notes', 'Note'], {
    within: 'claimId',
  }),
  adds(['addClaimNote', '/claims/{claimId}/notes', 'Add a note to a claim'], ['notes', 'Note'], {
    body: object({ 'text!': text('Text of the note') }),
    within: 'claimId',
    set: { createdAt: NOW },
  }),
  lists(['listClaimPayments', '/claims/{claimId}/payments', 'List the payments on a claim'], ['payments', 'Payment'], {
    within: 'claimId',
  }),
  adds(['createClaimPayment', '/claims/{claimId}/payments', 'Pay money out on a claim'], ['payments', 'Payment'], {
    body: object({ 'amount!': pounds('Amount to pay', { minimum: 0.01 }), 'payee!': text('Who is paid') }),
    within: 'claimId',
    set: { currency: 'GBP', paidOn: NOW.slice(0, 10) },
  }),
  lists(['listPayments', '/payments', 'List the payments on all claims'], ['payments', 'Payment'], {
    paging,
    filters: [
      atLeast('paidFrom', day('Only payments made on this day or later'), 'paidOn'),
      atMost('paidTo', day('Only payments made on this day or earlier'), 'paidOn'),
    ],
  }),
  lists(['listVisits', '/visits', 'List the visits of surveyors on all claims'], ['visits', 'Visit'], {
    paging,
    filters: [
      same('claimId', text('Only visits on this claim')),
      same('status', oneOf('Only visits with this status', VISIT_STATES)),
      atLeast('from', day('Only visits on this day or later'), 'scheduledFor'),
      atMost('to', day('Only visits on this day or earlier'), 'scheduledFor'),
    ],
  }),
  adds(['bookVisit', '/claims/{claimId}/visits', 'Book a visit of a surveyor for a claim'], ['visits', 'Visit'], {
    body: object({ 'scheduledFor!': moment('When the surveyor visits'), 'surveyor!': text('Name of the surveyor') }),
    within: 'claimId',
    set: { status: 'booked' },
  }),
  changes(['rescheduleVisit', '/claims/{claimId}/visits/{visitId}', 'Move a booked visit to another time'], VISIT, {
    method: 'patch',
    body: object({ 'scheduledFor!': moment('When the surveyor visits') }),
    only: ['booked'],
  }),
  changes(['cancelVisit', '/claims/{claimId}/visits/{visitId}/cancel', 'Cancel a booked visit'], VISIT, {
    set: { status: 'cancelled' },
    only: ['booked'],
  }),
  lists(['listHandlers', '/handlers', 'List the claims handlers'], ['handlers', 'Handler']),
];

/** Claims at a small home insurer: customers, policies, claims with notes, payments and visits; nested REST with PATCH. */
export const SERVICE = service({
  id: 'hearthline',
  name: 'Hearthline',
  description: 'Claims API of Hearthline Home Insurance. Amounts are in pounds sterling. Times are UTC.',
  pathWords: {
    customerId: 'Customer id',
    policyId: 'Policy number',
    claimId: 'Claim number',
    visitId: 'Visit id',
  },
  schemas: SCHEMAS,
  operations,
  seed,
});
