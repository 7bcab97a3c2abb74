import { amount, day, email, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const INVOICE_STATES = ['draft', 'sent', 'overdue', 'paid', 'void'];
export const INVOICE_WORDS =
  'draft: not sent yet; sent: sent and not due yet; overdue: unpaid after the due date; paid; void';
export const METHODS = ['bank_transfer', 'card', 'direct_debit', 'cash'];
export const LEVELS = ['friendly', 'firm', 'final'];
export const CATEGORIES = ['travel', 'meals', 'software', 'office_supplies', 'training'];
export const EXPENSE_STATES = ['submitted', 'approved', 'rejected', 'reimbursed'];
export const EXPENSE_WORDS =
  'submitted: waiting for approval; approved: will be paid back; rejected; reimbursed: paid back';

export const pounds = (description: string): Schema => amount(`${description}, in pounds`, { minimum: 0 });

export const SCHEMAS: Record<string, Schema> = {
  Customer: object({
    'customerNumber!': text('Customer number'),
    'name!': text('Name of the company'),
    'city!': text('City'),
    'email!': email('Where invoices are sent'),
    'paymentTermsDays!': whole('Days from issue to due date'),
  }),
  Item: object({
    'itemCode!': text('Code of the item'),
    'name!': text('Name, as it is printed on the invoice'),
    'unitPrice!': amount('Price of one without VAT, in pounds'),
    'vatRate!': amount('VAT in per cent'),
  }),
  Invoice: object({
    'invoiceNumber!': text('Invoice number'),
    'customerNumber!': text('Customer number'),
    'customerName!': text('Name of the customer'),
    'status!': oneOf(INVOICE_WORDS, INVOICE_STATES),
    'issuedOn!': day('Date of the invoice'),
    'dueOn!': day('Date by which it is to be paid'),
    'total!': amount('Total with VAT, in pounds'),
    'amountDue!': amount('What is still to be paid, in pounds'),
  }),
  Payment: object({
    'paymentId!': text('Id of the payment'),
    'invoiceNumber!': text('Invoice that was paid'),
    'customerNumber!': text('Customer who paid'),
    'amount!': amount('Amount in pounds'),
    'paidOn!': day('Day on which the money came in'),
    'method!': oneOf('How it was paid', METHODS),
  }),
  CreditNote: object({
    'creditNoteNumber!': text('Number of the credit note'),
    'invoiceNumber!': text('Invoice that it belongs to'),
    'amount!': amount('Credited amount with VAT, in pounds'),
    'reason!': text('Why'),
  }),
  Reminder: object({
    'reminderId!': text('Id of the reminder'),
    'invoiceNumber!': text('Invoice'),
    'level!': oneOf('Tone of the reminder', LEVELS),
  }),
  Expense: object({
    'expenseId!': text('Id of the expense claim'),
    'supplier!': text('Where the money was spent'),
    'category!': oneOf('Category', CATEGORIES),
    'amount!': amount('Amount with VAT, in pounds'),
    'spentOn!': day('Day on the receipt'),
    'status!': oneOf(EXPENSE_WORDS, EXPENSE_STATES),
    'submittedBy!': text('Name of the person who is to be paid back'),
  }),
};
