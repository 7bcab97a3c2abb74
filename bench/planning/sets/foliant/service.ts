import { atLeast, atMost, contains, find, type Operation, Refused, same, service } from '../kit.ts';
import { adds, changes, gets, lists, removes, type Thing } from '../rest.ts';
import { amount, day, email, flag, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import {
  CATEGORIES,
  COPY_STATES,
  FEE_KINDS,
  FEE_STATES,
  FORMATS,
  GENRES,
  LANGUAGE,
  LOAN_STATES,
  paging,
  SCHEMAS,
} from './document.ts';

const TODAY = '2026-11-25';
const IN_THREE_WEEKS = '2026-12-16';

const TITLE: Thing = ['titles', 'titleId', 'Title'];
const MEMBER: Thing = ['members', 'memberId', 'Member'];
const LOAN: Thing = ['loans', 'loanId', 'Loan'];

/** Answers 404 when a thing is not inside the parent that the path names. */
const inside = (operation: Operation, table: string, key: string, parent: string): Operation => ({
  ...operation,
  run(call) {
    const { tables, path } = call;
    if (find(tables[table], path[key])[parent] !== path[parent]) throw new Refused(404, `There is no ${path[key]}`);
    return operation.run(call);
  },
});

const titles: Operation[] = [
  lists(['listLibraries', '/libraries', 'List the libraries'], ['libraries', 'Library']),
  lists(['listTitles', '/titles', 'List the titles of the catalogue'], ['titles', 'Title'], {
    paging,
    filters: [
      contains('q', text('Only titles whose title or author contains this'), 'title', 'author'),
      same('genre', oneOf('Only titles of this genre', GENRES)),
      same('language', text('Only titles in this language, ISO 639-1')),
      same('format', oneOf('Only titles in this format', FORMATS)),
      { name: 'sort', schema: oneOf('Order; a minus turns it round', ['title', '-title', 'year', '-year']) },
    ],
  }),
  gets(['getTitle', '/titles/{titleId}', 'Get a title'], TITLE),
  adds(['createTitle', '/titles', 'Add a title to the catalogue'], ['titles', 'Title'], {
    body: object({
      'title!': text('Title of the work'),
      'author!': text('Author'),
      'year!': whole('Year of publication'),
      'genre!': oneOf('Genre', GENRES),
      language: text(`${LANGUAGE}; en if left out`),
      format: oneOf('Format; book if left out', FORMATS),
      pages: whole('Number of pages', { minimum: 1 }),
    }),
    set: { language: 'en', format: 'book' },
  }),
  changes(['updateTitle', '/titles/{titleId}', 'Update a title'], TITLE, {
    method: 'patch',
    body: object({
      title: text('Title of the work'),
      author: text('Author'),
      year: whole('Year of publication'),
      genre: oneOf('Genre', GENRES),
      pages: whole('Number of pages', { minimum: 1 }),
    }),
  }),
  lists(['listCopies', '/titles/{titleId}/copies', 'List the copies of a title'], ['copies', 'Copy'], {
    within: 'titleId',
    filters: [
      same('status', oneOf('Only copies with this status', COPY_STATES)),
      same('libraryId', text('Only copies of this library')),
    ],
  }),
  adds(['addCopy', '/titles/{titleId}/copies', 'Add a copy of a title'], ['copies', 'Copy'], {
    within: 'titleId',
    body: object({ 'libraryId!': text('Library that it belongs to'), acquiredOn: day('Today if left out') }),
    set: { status: 'available', acquiredOn: TODAY },
  }),
  inside(
    changes(
      ['updateCopy', '/titles/{titleId}/copies/{copyId}', 'Update a copy of a title'],
      ['copies', 'copyId', 'Copy'],
      {
        method: 'patch',
        body: object({
          status: oneOf('Status', COPY_STATES),
          libraryId: text('Library that it belongs to'),
        }),
      },
    ),
    'copies',
    'copyId',
    'titleId',
  ),
  lists(['listHolds', '/titles/{titleId}/holds', 'List who reserved a title'], ['holds', 'Hold'], {
    within: 'titleId',
  }),
  adds(['placeHold', '/titles/{titleId}/holds', 'Reserve a title for a member'], ['holds', 'Hold'], {
    within: 'titleId',
    body: object({
      'memberId!': text('Member who reserves it'),
      'libraryId!': text('Library where it will be picked up'),
    }),
    set: { status: 'waiting', placedOn: TODAY },
  }),
  inside(
    removes(['cancelHold', '/titles/{titleId}/holds/{holdId}', 'Cancel a reservation'], ['holds', 'holdId']),
    'holds',
    'holdId',
    'titleId',
  ),
];

const members: Operation[] = [
  lists(['listMembers', '/members', 'List the members'], ['members', 'Member'], {
    paging,
    filters: [
      contains('q', text('Only members whose name or e-mail address contains this'), 'name', 'email'),
      same('category', oneOf('Only members of this kind', CATEGORIES)),
      same('libraryId', text('Only members of this home library')),
      same('blocked', flag('Only members who are (true) or are not (false) blocked')),
    ],
  }),
  gets(['getMember', '/members/{memberId}', 'Get a member'], MEMBER),
  adds(['createMember', '/members', 'Register a member'], ['members', 'Member'], {
    body: object({
      'name!': text('Full name'),
      'category!': oneOf('Kind of membership', CATEGORIES),
      'libraryId!': text('Home library'),
      email: email('E-mail address'),
      phone: text('Phone number'),
    }),
    set: { joinedOn: TODAY, expiresOn: '2027-11-24', blocked: false },
  }),
  changes(['updateMember', '/members/{memberId}', 'Update a member'], MEMBER, {
    method: 'patch',
    body: object({
      email: email('E-mail address'),
      phone: text('Phone number'),
      libraryId: text('Home library'),
      expiresOn: day('Last day on which the library card is valid'),
      blocked: flag('Whether the member may not borrow'),
    }),
  }),
  lists(['listMemberLoans', '/members/{memberId}/loans', 'List the loans of a member'], ['loans', 'Loan'], {
    within: 'memberId',
    filters: [same('status', oneOf('Only loans with this status', LOAN_STATES))],
  }),
  {
    id: 'createLoan',
    method: 'post',
    path: '/members/{memberId}/loans',
    summary: 'Lend a copy to a member',
    body: object({
      'copyId!': text('Barcode of the copy'),
      dueOn: day('Day by which it must be returned; three weeks from today if left out'),
    }),
    status: 201,
    answer: ref('Loan'),
    only: ['available'],
    run({ tables, path, body }) {
      const member = find(tables.members, path.memberId);
      const copy = find(tables.copies, body.copyId);
      if (member.blocked) throw new Refused(409, `${member.name} is blocked`);
      if (copy.status !== 'available') throw new Refused(409, `The copy is ${copy.status}`);
      const { id: titleId, title } = find(tables.titles, copy.titleId);
      copy.status = 'on_loan';
      const dates = { loanedOn: TODAY, dueOn: body.dueOn ?? IN_THREE_WEEKS };
      const id = `loan_${701 + tables.loans!.length}`;
      const loan = { id, memberId: member.id, copyId: copy.id, titleId, title, status: 'open', ...dates, renewals: 0 };
      tables.loans!.push(loan);
      return loan;
    },
  },
  lists(['listFees', '/members/{memberId}/fees', 'List the fees of a member'], ['fees', 'Fee'], {
    within: 'memberId',
    filters: [same('status', oneOf('Only fees with this status', FEE_STATES))],
  }),
  adds(['addFee', '/members/{memberId}/fees', 'Charge a member a fee'], ['fees', 'Fee'], {
    within: 'memberId',
    body: object({
      'amount!': amount('Amount in pounds', { minimum: 0.1 }),
      'kind!': oneOf('What it is charged for', FEE_KINDS),
      remark: text('Remark'),
    }),
    set: { currency: 'GBP', status: 'open', chargedOn: TODAY },
  }),
  inside(
    changes(['waiveFee', '/members/{memberId}/fees/{feeId}/waive', 'Waive a fee'], ['fees', 'feeId', 'Fee'], {
      set: { status: 'waived' },
      only: ['open'],
    }),
    'fees',
    'feeId',
    'memberId',
  ),
];

const loans: Operation[] = [
  lists(['listLoans', '/loans', 'List the loans of all members'], ['loans', 'Loan'], {
    paging,
    filters: [
      same('status', oneOf('Only loans with this status', LOAN_STATES)),
      atLeast('dueFrom', day('Only loans due on this day or later'), 'dueOn'),
      atMost('dueTo', day('Only loans due on this day or earlier'), 'dueOn'),
    ],
  }),
  {
    id: 'updateLoan',
    method: 'patch',
    path: '/loans/{loanId}',
    summary: 'Change the due date of a loan',
    body: object({ 'dueOn!': day('Day by which it must be returned') }),
    answer: ref('Loan'),
    only: ['open'],
    run({ tables, path, body }) {
      const loan = find(tables.loans, path.loanId);
      if (loan.status !== 'open') throw new Refused(409, `It is ${loan.status}`);
      return Object.assign(loan, body, { renewals: Number(loan.renewals) + 1 });
    },
  },
  {
    ...changes(['returnLoan', '/loans/{loanId}/return', 'Take a loan back'], LOAN, { only: ['open'] }),
    run({ tables, path }) {
      const loan = find(tables.loans, path.loanId);
      if (loan.status !== 'open') throw new Refused(409, `It is ${loan.status}`);
      find(tables.copies, loan.copyId).status = 'available';
      return Object.assign(loan, { status: 'returned', returnedOn: TODAY });
    },
  },
];

/** Public libraries: titles, copies, members, loans, reservations and fees; most things are inside a title or a member. */
export const SERVICE = service({
  id: 'foliant',
  name: 'Foliant',
  description: 'REST API of Foliant for public libraries. Days are written YYYY-MM-DD, fees are in pounds.',
  pathWords: {
    titleId: 'Title id',
    copyId: 'Barcode of the copy',
    holdId: 'Hold id',
    memberId: 'Member id',
    feeId: 'Fee id',
    loanId: 'Loan id',
  },
  schemas: SCHEMAS,
  operations: [...titles, ...members, ...loans],
  seed,
});
