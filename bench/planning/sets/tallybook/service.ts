import {
  atLeast,
  atMost,
  contains,
  type Filter,
  find,
  kept,
  nextId,
  type Operation,
  type Row,
  same,
  service,
  sorted,
} from '../kit.ts';
import { adds, changes, gets, lists, type Paging, type Thing } from '../rest.ts';
import { day, email, list, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import * as doc from './document.ts';

const CUSTOMER: Thing = ['customers', 'customerNumber', 'Customer', 'customerNumber'];
const INVOICE: Thing = ['invoices', 'invoiceNumber', 'Invoice', 'invoiceNumber'];
const EXPENSE: Thing = ['expenses', 'expenseId', 'Expense', 'expenseId'];

/** The items of the catalogue are few, and come at once. */
const all: Paging = {
  query: [],
  answer: (item) => object({ 'items!': list(item, 'All of them') }),
  cut: (rows) => ({ items: rows }),
};

const anyOf = (name: string, what: string, values: string[], field: string): Filter => ({
  name,
  schema: list({ type: 'string', enum: values }, what),
  keeps: (row, value) => (value as unknown[]).includes(row[field]),
});

/** A POST that reads: what is wanted stands in `filter`, and the window beside it. */
const searches = (
  [id, path, summary]: [string, string, string],
  [table, answer]: [string, string],
  { filters, sorts }: { filters: Filter[]; sorts: string[] },
): Operation => ({
  id,
  method: 'post',
  path,
  summary,
  description: 'Read only. Criteria are combined with AND; without a filter everything is returned.',
  body: object({
    filter: object(Object.fromEntries(filters.map(({ name, schema }) => [name, schema])), 'Criteria, all optional'),
    sort: oneOf(
      'Field to sort by; a leading minus sorts in descending order',
      sorts.flatMap((one) => [one, `-${one}`]),
    ),
    offset: whole('Results to skip', { minimum: 0, default: 0 }),
    limit: whole('Results to return', { minimum: 1, maximum: 200, default: 20 }),
  }),
  answer: object({
    'items!': list(ref(answer), 'Results'),
    'total!': whole('Number of all results'),
    'offset!': whole('Results skipped'),
    'limit!': whole('Results in this response at most'),
  }),
  run({ tables, body }) {
    const hits = sorted(kept(tables[table]!, filters, (body.filter ?? {}) as Row), body.sort);
    const [offset, limit] = [Number(body.offset ?? 0), Number(body.limit ?? 20)];
    return { items: hits.slice(offset, offset + limit), total: hits.length, offset, limit };
  },
});

const operations: Operation[] = [
  searches(['customers_search', '/v2/customers/search', 'Search customers'], ['customers', 'Customer'], {
    filters: [contains('name', text('Name or part of it'), 'name'), same('city', text('City'))],
    sorts: ['name', 'customerNumber'],
  }),
  gets(['customers_get', '/v2/customers/{customerNumber}', 'Get a customer'], CUSTOMER),
  adds(['customers_create', '/v2/customers', 'Create a customer'], ['customers', 'Customer'], {
    key: 'customerNumber',
    body: object({
      'name!': text('Name of the company'),
      'email!': email('Where invoices are sent'),
      city: text('City'),
      paymentTermsDays: whole('Days from issue to due date; 30 if left out', { minimum: 0 }),
    }),
    set: { city: '', paymentTermsDays: 30 },
  }),
  changes(['customers_update', '/v2/customers/{customerNumber}', 'Update a customer'], CUSTOMER, {
    method: 'patch',
    body: object({
      email: email('Where invoices are sent'),
      city: text('City'),
      paymentTermsDays: whole('Days from issue to due date', { minimum: 0 }),
    }),
  }),
  lists(['items_list', '/v2/items', 'List the items that can be invoiced, with prices'], ['items', 'Item'], {
    paging: all,
  }),
  searches(['invoices_search', '/v2/invoices/search', 'Search invoices'], ['invoices', 'Invoice'], {
    filters: [
      same('customerNumber', text('Only invoices to this customer')),
      anyOf('statuses', `Any of these. ${doc.INVOICE_WORDS}`, doc.INVOICE_STATES, 'status'),
      atLeast('issuedFrom', day('Issued on this day or later'), 'issuedOn'),
      atMost('issuedTo', day('Issued on this day or earlier'), 'issuedOn'),
      atLeast('dueFrom', day('Due on this day or later'), 'dueOn'),
      atMost('dueTo', day('Due on this day or earlier'), 'dueOn'),
      atLeast('minTotal', doc.pounds('Total at least'), 'total'),
    ],
    sorts: ['issuedOn', 'dueOn', 'total'],
  }),
  gets(['invoices_get', '/v2/invoices/{invoiceNumber}', 'Get an invoice'], INVOICE),
  {
    id: 'invoices_create',
    method: 'post',
    path: '/v2/invoices',
    summary: 'Create an invoice as a draft',
    description: 'Prices and VAT come from the items, and the due date from the payment terms of the customer.',
    body: object({
      'customerNumber!': text('Customer to invoice'),
      'lines!': list(
        object({ 'itemCode!': text('Code of the item'), 'quantity!': whole('How many', { minimum: 1 }) }),
        'One line for each item',
      ),
    }),
    status: 201,
    answer: ref('Invoice'),
    run({ tables, body }) {
      const { customerNumber, name } = find(tables.customers, body.customerNumber, 'customerNumber');
      const prices = (body.lines as { itemCode: string; quantity: number }[]).map(({ itemCode, quantity }) => {
        const { unitPrice, vatRate } = find(tables.items, itemCode, 'itemCode');
        return quantity * Number(unitPrice) * (1 + Number(vatRate) / 100);
      });
      const total = Math.round(prices.reduce((sum, price) => sum + price, 0) * 100) / 100;
      const row = { invoiceNumber: nextId(tables.invoices!, 'invoiceNumber'), customerNumber, customerName: name };
      tables.invoices!.push({
        ...row,
        status: 'draft',
        issuedOn: '2026-11-25',
        dueOn: '2026-12-25',
        total,
        amountDue: 0,
      });
      return tables.invoices!.at(-1);
    },
  },
  changes(['invoices_send', '/v2/invoices/{invoiceNumber}/send', 'Send a draft invoice to the customer'], INVOICE, {
    set: { status: 'sent' },
    only: ['draft'],
  }),
  {
    ...changes(['invoices_void', '/v2/invoices/{invoiceNumber}/void', 'Void an invoice'], INVOICE, {
      body: object({ 'reason!': text('Why, for the audit trail') }),
      only: ['sent', 'overdue'],
    }),
    run: ({ tables, path }) =>
      Object.assign(find(tables.invoices, path.invoiceNumber, 'invoiceNumber'), { status: 'void', amountDue: 0 }),
  },
  {
    id: 'payments_record',
    method: 'post',
    path: '/v2/invoices/{invoiceNumber}/payments',
    summary: 'Record a payment of an invoice',
    body: object({
      'amount!': doc.pounds('Amount paid'),
      'paidOn!': day('Day on which the money came in'),
      'method!': oneOf('How it was paid', doc.METHODS),
    }),
    status: 201,
    answer: ref('Payment'),
    run({ tables, path, body }) {
      const invoice = find(tables.invoices, path.invoiceNumber, 'invoiceNumber');
      const rest = Number(invoice.amountDue) - Number(body.amount);
      Object.assign(invoice, { amountDue: rest, ...(rest <= 0 && { status: 'paid' }) });
      const { invoiceNumber, customerNumber } = invoice;
      const row = { paymentId: nextId(tables.payments!, 'paymentId'), invoiceNumber, customerNumber, ...body };
      tables.payments!.push(row);
      return row;
    },
  },
  searches(['payments_search', '/v2/payments/search', 'Search payments'], ['payments', 'Payment'], {
    filters: [
      same('invoiceNumber', text('Only payments of this invoice')),
      same('customerNumber', text('Only payments of this customer')),
      anyOf('methods', 'Any of these', doc.METHODS, 'method'),
      atLeast('paidFrom', day('Paid on this day or later'), 'paidOn'),
      atMost('paidTo', day('Paid on this day or earlier'), 'paidOn'),
    ],
    sorts: ['paidOn', 'amount'],
  }),
  {
    id: 'creditNotes_create',
    method: 'post',
    path: '/v2/invoices/{invoiceNumber}/credit-notes',
    summary: 'Issue a credit note for a part of an invoice',
    body: object({ 'amount!': doc.pounds('Amount to credit, with VAT'), 'reason!': text('Why, printed on the note') }),
    status: 201,
    answer: ref('CreditNote'),
    run({ tables, path, body }) {
      const { invoiceNumber } = find(tables.invoices, path.invoiceNumber, 'invoiceNumber');
      const row = { creditNoteNumber: `CN-${101 + tables.creditNotes!.length}`, invoiceNumber, ...body };
      tables.creditNotes!.push(row);
      return row;
    },
  },
  {
    id: 'reminders_send',
    method: 'post',
    path: '/v2/invoices/{invoiceNumber}/reminders',
    summary: 'Send a payment reminder for an overdue invoice',
    body: object({ 'level!': oneOf('Tone of the reminder', doc.LEVELS) }),
    status: 201,
    answer: ref('Reminder'),
    run({ tables, path, body }) {
      const { invoiceNumber } = find(tables.invoices, path.invoiceNumber, 'invoiceNumber');
      const row = { reminderId: `REM-${1 + tables.reminders!.length}`, invoiceNumber, level: body.level };
      tables.reminders!.push(row);
      return row;
    },
  },
  searches(['expenses_search', '/v2/expenses/search', 'Search expense claims'], ['expenses', 'Expense'], {
    filters: [
      anyOf('statuses', `Any of these. ${doc.EXPENSE_WORDS}`, doc.EXPENSE_STATES, 'status'),
      same('category', oneOf('Only this category', doc.CATEGORIES)),
      same('submittedBy', text('Only claims of this person, full name')),
      atLeast('spentFrom', day('Spent on this day or later'), 'spentOn'),
      atMost('spentTo', day('Spent on this day or earlier'), 'spentOn'),
    ],
    sorts: ['spentOn', 'amount'],
  }),
  adds(['expenses_create', '/v2/expenses', 'Submit an expense claim of your own'], ['expenses', 'Expense'], {
    key: 'expenseId',
    body: object({
      'supplier!': text('Where the money was spent'),
      'category!': oneOf('Category', doc.CATEGORIES),
      'amount!': doc.pounds('Amount spent, with VAT'),
      'spentOn!': day('Day on the receipt'),
    }),
    set: { status: 'submitted', submittedBy: 'Dana Whitfield' },
  }),
  changes(['expenses_approve', '/v2/expenses/{expenseId}/approve', 'Approve an expense claim'], EXPENSE, {
    set: { status: 'approved' },
    only: ['submitted'],
  }),
  changes(['expenses_reject', '/v2/expenses/{expenseId}/reject', 'Reject an expense claim'], EXPENSE, {
    set: { status: 'rejected' },
    only: ['submitted'],
  }),
];

/** Invoicing for small firms: searches are POSTs whose criteria stand in a filter. */
export const SERVICE = service({
  id: 'tallybook',
  name: 'Tallybook',
  description: 'Invoices, payments and expenses. All amounts are pounds sterling.',
  pathWords: {
    customerNumber: 'Customer number, such as C-3001',
    invoiceNumber: 'Invoice number, such as INV-2026-0401',
    expenseId: 'Id of the expense claim, such as EXP-9001',
  },
  schemas: doc.SCHEMAS,
  operations,
  seed,
});
