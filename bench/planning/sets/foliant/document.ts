import type { Paging } from '../rest.ts';
import { amount, day, email, flag, list, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const GENRES = ['fiction', 'crime', 'children', 'nature', 'travel', 'cookery', 'history'];
export const FORMATS = ['book', 'audiobook', 'dvd'];
export const COPY_STATES = ['available', 'on_loan', 'in_repair', 'lost'];
export const CATEGORIES = ['adult', 'student', 'child'];
export const LOAN_STATES = ['open', 'returned'];
export const FEE_KINDS = ['late_return', 'damage', 'lost_card', 'other'];
export const FEE_STATES = ['open', 'paid', 'waived'];
export const LANGUAGE = 'Language, as an ISO 639-1 code';

export const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Page to return, from 1', { minimum: 1, default: 1 }) },
    { name: 'pageSize', schema: whole('Number of records on a page', { minimum: 1, maximum: 50, default: 20 }) },
  ],
  answer: (item) =>
    object({
      'items!': list(item, 'Records on this page'),
      'page!': whole('This page'),
      'pageCount!': whole('Number of pages'),
      'total!': whole('Number of records on all pages'),
    }),
  cut(rows, args) {
    const [page, size] = [Number(args.page ?? 1), Number(args.pageSize ?? 20)];
    const items = rows.slice((page - 1) * size, page * size);
    return { items, page, pageCount: Math.ceil(rows.length / size), total: rows.length };
  },
};

export const SCHEMAS: Record<string, Schema> = {
  Library: object({
    'id!': text('Library id'),
    'name!': text('Name of the library'),
    'address!': text('Street and number'),
    phone: text('Phone number'),
  }),
  Title: object({
    'id!': text('Title id'),
    'title!': text('Title of the work'),
    'author!': text('Author'),
    'year!': whole('Year of publication'),
    'genre!': oneOf('Genre', GENRES),
    'language!': text(LANGUAGE),
    'format!': oneOf('Format', FORMATS),
    pages: whole('Number of pages, when known'),
  }),
  Copy: object({
    'id!': text('Barcode of the copy'),
    'titleId!': text('Title that it is a copy of'),
    'libraryId!': text('Library that it belongs to'),
    'status!': oneOf('Status; available: on the shelf', COPY_STATES),
    'acquiredOn!': day('Day on which it was bought'),
  }),
  Member: object({
    'id!': text('Member id'),
    'name!': text('Full name'),
    email: email('E-mail address, when known'),
    phone: text('Phone number, when known'),
    'libraryId!': text('Home library'),
    'category!': oneOf('Kind of membership', CATEGORIES),
    'joinedOn!': day('Day on which the member joined'),
    'expiresOn!': day('Last day on which the library card is valid'),
    'blocked!': flag('Whether the member may not borrow'),
  }),
  Loan: object({
    'id!': text('Loan id'),
    'memberId!': text('Member who borrowed it'),
    'copyId!': text('Barcode of the copy'),
    'titleId!': text('Title id'),
    'title!': text('Title of the work'),
    'status!': oneOf('Status; open: not returned yet', LOAN_STATES),
    'loanedOn!': day('Day on which it was borrowed'),
    'dueOn!': day('Day by which it must be returned'),
    returnedOn: day('Day on which it was returned; missing while the loan is open'),
    'renewals!': whole('How often the due date was changed'),
  }),
  Hold: object({
    'id!': text('Hold id'),
    'titleId!': text('Title that is reserved'),
    'memberId!': text('Member who reserved it'),
    'libraryId!': text('Library where it will be picked up'),
    'status!': oneOf('Status; ready: it can be picked up', ['waiting', 'ready']),
    'placedOn!': day('Day on which it was reserved'),
  }),
  Fee: object({
    'id!': text('Fee id'),
    'memberId!': text('Member who is charged'),
    'amount!': amount('Amount in the currency'),
    'currency!': text('Currency, ISO 4217'),
    'kind!': oneOf('What it is charged for', FEE_KINDS),
    'status!': oneOf('Status; open: not paid yet', FEE_STATES),
    'chargedOn!': day('Day on which it was charged'),
    remark: text('Remark'),
  }),
};
