import type { Paging } from '../rest.ts';
import { amount, day, email, flag, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const PROJECT_STATES = ['active', 'on_hold', 'completed'];
export const JOB_STATES = ['open', 'assigned', 'delivered', 'approved'];
export const INVOICE_STATES = ['received', 'approved', 'paid', 'rejected'];
export const language = (description: string) => text(`${description}, ISO 639-1 code such as de`);

export const paging: Paging = {
  query: [
    { name: 'cursor', schema: text('Value of next_cursor from the page before') },
    { name: 'limit', schema: whole('Rows on a page', { minimum: 1, maximum: 50, default: 10 }) },
  ],
  answer: (item) =>
    object({
      'data!': list(item, 'Rows of this page'),
      'next_cursor!': { type: ['string', 'null'], description: 'Cursor of the next page; null on the last one' },
    }),
  cut(rows, args) {
    const [from, size] = [Number(String(args.cursor ?? 'c0').slice(1)), Number(args.limit ?? 10)];
    const end = from + size;
    return { data: rows.slice(from, end), next_cursor: end < rows.length ? `c${end}` : null };
  },
};

export const SCHEMAS: Record<string, Schema> = {
  Client: object({
    'id!': text('Client id'),
    'name!': text('Name of the company'),
    'billing_email!': email('Where invoices are sent'),
    'country!': text('Country, ISO 3166-1 alpha-2'),
  }),
  Linguist: object({
    'id!': text('Linguist id'),
    'name!': text('Full name'),
    'email!': email('E-mail address'),
    'source_languages!': list(text('ISO 639-1 code'), 'Languages that the linguist translates from'),
    'target_language!': language('Language that the linguist translates into'),
    'rate_per_word!': amount('Rate per word in EUR'),
    rating: amount('Average rating by our reviewers, 1 to 5; missing for new linguists'),
    'available!': flag('Whether the linguist takes new jobs'),
    speciality: text('Subject the linguist knows best'),
  }),
  Project: object({
    'id!': text('Project id'),
    'client_id!': text('Client'),
    'title!': text('Title'),
    'source_language!': language('Language of the texts'),
    'status!': oneOf('Status', PROJECT_STATES),
    'created_at!': moment('When it was created'),
    budget: amount('Budget in EUR; missing if none was agreed'),
  }),
  Job: object({
    'id!': text('Job id'),
    'project_id!': text('Project'),
    linguist_id: text('Linguist who does it; missing while it is open'),
    'target_language!': language('Language to translate into'),
    'words!': whole('Number of words to translate'),
    'due_at!': moment('When the linguist must deliver'),
    'status!': oneOf('Status; open: nobody does it yet; delivered: waits for our review', JOB_STATES),
  }),
  Invoice: object({
    'id!': text('Invoice id'),
    'linguist_id!': text('Linguist who sent it'),
    'amount!': amount('Amount'),
    'currency!': text('Currency, ISO 4217'),
    'status!': oneOf('Status; received: not checked yet; approved: to be paid', INVOICE_STATES),
    'issued_on!': day('Day on its head'),
    'due_on!': day('Day by which it must be paid'),
  }),
  Term: object({
    'id!': text('Term id'),
    'client_id!': text('Client whose glossary it is in'),
    'source_language!': language('Language of the term'),
    'term!': text('Term'),
    'target_language!': language('Language of the translation'),
    'translation!': text('Agreed translation'),
  }),
};
