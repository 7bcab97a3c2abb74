import { atLeast, atMost, contains, type Operation, same } from '../kit.ts';
import { adds, changes, gets, lists, removes, type Thing } from '../rest.ts';
import { amount, day, object, oneOf, text } from '../schemas.ts';
import * as doc from './document.ts';
import { byOwner, PAGES, sort, state, TODAY } from './filters.ts';

const OWNER: Thing = ['owners', 'ownerId', 'Owner'];
const INVOICE: Thing = ['invoices', 'invoiceId', 'Invoice'];

const invoiceFilters = [
  byOwner,
  state('invoices', doc.INVOICE_STATES),
  atLeast('minAmount', amount('At least this amount, in NOK'), 'amount'),
  atLeast('issuedFrom', day('Issued on this day or later'), 'issuedOn'),
  atMost('issuedTo', day('Issued on this day or earlier'), 'issuedOn'),
  sort(['issuedOn', '-issuedOn', 'amount', '-amount']),
];

/** Owners, contracts, the waiting list, invoices and notices. */
export const OFFICE: Operation[] = [
  lists(['listOwners', '/owners', 'List boat owners'], ['owners', 'Owner'], {
    paging: PAGES,
    filters: [
      contains('q', text('Words of the name or the email address'), 'name', 'email'),
      same('kind', oneOf('Only persons or only companies', ['private', 'company'])),
    ],
  }),
  gets(['getOwner', '/owners/{ownerId}', 'Get a boat owner'], OWNER),
  adds(['createOwner', '/owners', 'Register a boat owner'], ['owners', 'Owner'], {
    body: object({
      'name!': doc.OWNER_BODY.name,
      'email!': doc.OWNER_BODY.email,
      phone: doc.OWNER_BODY.phone,
      kind: doc.OWNER_BODY.kind,
      address: doc.OWNER_BODY.address,
    }),
    set: { phone: '', kind: 'private', memberSince: TODAY, address: {} },
  }),
  changes(['updateOwner', '/owners/{ownerId}', "Change a boat owner's details"], OWNER, {
    method: 'patch',
    body: object(doc.OWNER_BODY),
  }),
  lists(['listOwnerVessels', '/owners/{ownerId}/vessels', 'List the vessels of an owner'], ['vessels', 'Vessel'], {
    within: 'ownerId',
  }),
  lists(['listGateCards', '/owners/{ownerId}/cards', "List an owner's gate cards"], ['cards', 'Card'], {
    within: 'ownerId',
  }),
  adds(['issueGateCard', '/owners/{ownerId}/cards', 'Issue a gate card to an owner'], ['cards', 'Card'], {
    body: object({ 'label!': text('What the card is called') }),
    set: { status: 'active' },
    within: 'ownerId',
  }),
  changes(['blockGateCard', '/cards/{cardId}/block', 'Block a gate card'], ['cards', 'cardId', 'Card'], {
    set: { status: 'blocked' },
  }),
  lists(['listContracts', '/contracts', 'List berth contracts'], ['contracts', 'Contract'], {
    paging: PAGES,
    filters: [
      byOwner,
      state('contracts', ['active', 'ended', 'terminated']),
      atMost('endsBefore', day('Ends on this day or earlier'), 'endsOn'),
      atLeast('endsAfter', day('Ends on this day or later'), 'endsOn'),
    ],
  }),
  gets(['getContract', '/contracts/{contractId}', 'Get a berth contract'], ['contracts', 'contractId', 'Contract']),
  changes(
    ['terminateContract', '/contracts/{contractId}/terminate', 'Terminate a berth contract'],
    ['contracts', 'contractId', 'Contract'],
    {
      body: object({ 'endsOn!': day('Last day of the contract') }),
      set: { status: 'terminated' },
      only: ['active'],
    },
  ),
  lists(['listWaitlist', '/waitlist', 'List the owners who wait for a berth'], ['waitlist', 'WaitlistEntry'], {
    filters: [same('basinId', text('Only those who want this basin'))],
  }),
  adds(['joinWaitlist', '/waitlist', 'Put an owner on the waiting list'], ['waitlist', 'WaitlistEntry'], {
    body: object({
      'ownerId!': text('Owner who waits'),
      'vesselLengthM!': amount('Length of the vessel in metres'),
      'basinId!': text('Basin that is wanted'),
    }),
    set: { joinedOn: TODAY },
  }),
  removes(['leaveWaitlist', '/waitlist/{entryId}', 'Take an entry off the waiting list'], ['waitlist', 'entryId']),
  lists(['listInvoices', '/invoices', 'List invoices'], ['invoices', 'Invoice'], {
    paging: PAGES,
    filters: invoiceFilters,
  }),
  gets(['getInvoice', '/invoices/{invoiceId}', 'Get an invoice'], INVOICE),
  adds(['createInvoice', '/invoices', 'Bill an owner'], ['invoices', 'Invoice'], {
    body: object({
      'ownerId!': text('Owner who must pay'),
      'amount!': amount('Amount in NOK'),
      'dueOn!': day('Day it is due'),
    }),
    set: { number: '', issuedOn: TODAY, currency: 'NOK', status: 'open' },
  }),
  lists(
    ['listPayments', '/invoices/{invoiceId}/payments', 'List the payments of an invoice'],
    ['payments', 'Payment'],
    { within: 'invoiceId' },
  ),
  adds(['recordPayment', '/invoices/{invoiceId}/payments', 'Record a payment of an invoice'], ['payments', 'Payment'], {
    body: object({
      'amount!': amount('Amount in NOK'),
      'method!': oneOf('How it was paid', ['card', 'transfer', 'cash']),
    }),
    set: { paidOn: TODAY },
    within: 'invoiceId',
  }),
  changes(['voidInvoice', '/invoices/{invoiceId}/void', 'Void an invoice'], INVOICE, {
    set: { status: 'void' },
    only: ['open', 'overdue'],
  }),
  changes(
    ['sendPaymentReminder', '/invoices/{invoiceId}/reminders', 'Remind the owner of an unpaid invoice'],
    INVOICE,
    { set: { remindedOn: TODAY }, only: ['open', 'overdue'] },
  ),
  lists(['listNotices', '/notices', 'List notices to boaters'], ['notices', 'Notice'], {
    filters: [same('severity', oneOf('Only this severity', ['info', 'warning']))],
  }),
  adds(['publishNotice', '/notices', 'Publish a notice to boaters'], ['notices', 'Notice'], {
    body: object({
      'title!': text('Headline'),
      'text!': text('Text of the notice'),
      'severity!': oneOf('How serious it is', ['info', 'warning']),
    }),
    set: { publishedOn: TODAY },
  }),
];
