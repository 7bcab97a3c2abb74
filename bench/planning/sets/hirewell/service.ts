import { atLeast, atMost, contains, type Filter, find, kept, nextId, type Operation, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Paging, removes, type Thing } from '../rest.ts';
import { email, list, moment, object, oneOf, ref, type Schema, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import * as doc from './document.ts';

const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Page to return, from 1', { minimum: 1, default: 1 }) },
    { name: 'pageSize', schema: whole('Size of a page', { minimum: 1, maximum: 100, default: 20 }) },
  ],
  answer: (item) =>
    object({ 'items!': list(item, 'Items of the page'), 'totalCount!': whole('Number of all items, on all pages') }),
  cut(rows, args) {
    const [page, size] = [Number(args.page ?? 1), Number(args.pageSize ?? 20)];
    return { items: rows.slice((page - 1) * size, page * size), totalCount: rows.length };
  },
};
/** Lists inside one thing are short. */
const nested: Paging = {
  query: [],
  answer: (item) => object({ 'items!': list(item, 'All of them') }),
  cut: (rows) => ({ items: rows }),
};

const searches = (
  [id, path, summary]: [string, string, string],
  [table, answer]: [string, string],
  filters: Filter[],
): Operation => ({
  id,
  method: 'post',
  path,
  summary,
  description: 'Reads only. All criteria are optional and combined with AND; the newest come last.',
  body: object({ ...Object.fromEntries(filters.map(({ name, schema }) => [name, schema])), ...doc.SEARCH_WINDOW }),
  answer: object({
    'items!': list(ref(answer), 'Hits'),
    'total!': whole('Number of all hits'),
    'offset!': whole('Hits skipped'),
    'limit!': whole('Most hits in this answer'),
  }),
  run: ({ tables, args }) => {
    const hits = kept(tables[table]!, filters, args);
    const [offset, limit] = [Number(args.offset ?? 0), Number(args.limit ?? 20)];
    return { items: hits.slice(offset, offset + limit), total: hits.length, offset, limit };
  },
});

const described = (operation: Operation, description: string): Operation => ({ ...operation, description });
const body = (members: Record<string, Schema>) => ({ body: object(members) });

const JOB: Thing = ['jobs', 'jobId', 'Job'];
const CANDIDATE: Thing = ['candidates', 'candidateId', 'Candidate'];
const APPLICATION: Thing = ['applications', 'applicationId', 'Application'];

const operations: Operation[] = [
  lists(['listDepartments', '/departments', 'List departments'], ['departments', 'Department'], { paging: nested }),
  lists(['listTeamMembers', '/team-members', 'List team members'], ['teamMembers', 'TeamMember'], {
    paging,
    filters: [
      contains('search', text('Part of the name or e-mail'), 'name', 'email'),
      same('departmentId', text('Only members of this department')),
    ],
  }),
  lists(['listJobs', '/jobs', 'List jobs'], ['jobs', 'Job'], {
    paging,
    filters: [
      contains('search', text('Part of the title'), 'title'),
      same('status', oneOf('Only jobs with this status', doc.JOB_STATES)),
      same('departmentId', text('Only jobs of this department')),
    ],
  }),
  gets(['getJob', '/jobs/{jobId}', 'Get a job'], JOB),
  adds(['createJob', '/jobs', 'Create a job'], ['jobs', 'Job'], {
    ...body({ 'title!': text('Job title'), 'departmentId!': text('Identifier of the department'), ...doc.JOB_FIELDS }),
    set: {
      ...{ location: '', employmentType: 'full_time', status: 'draft', openings: 1 },
      ...{ salaryMin: 0, salaryMax: 0, hiringManagerId: 'usr_1', openedOn: null },
    },
  }),
  changes(['updateJob', '/jobs/{jobId}', 'Update a job'], JOB, {
    method: 'patch',
    ...body({ title: text('Job title'), status: oneOf('Status', doc.JOB_STATES), ...doc.JOB_FIELDS }),
  }),
  lists(
    ['listJobApplications', '/jobs/{jobId}/applications', 'List applications for a job'],
    ['applications', 'Application'],
    {
      within: 'jobId',
      paging: nested,
      filters: [
        same('stage', oneOf('Only applications in this stage', doc.STAGES)),
        same('status', oneOf('Only applications with this status', doc.APPLICATION_STATES)),
      ],
    },
  ),
  searches(
    ['searchCandidates', '/candidates/search', 'Search candidates'],
    ['candidates', 'Candidate'],
    [
      contains('query', text('Part of the name or e-mail address'), 'fullName', 'email'),
      same('location', text('City the candidate lives in')),
      same('source', oneOf('Where the candidate came from', doc.SOURCES)),
    ],
  ),
  {
    ...described(
      lists(['listCandidateNames', '/candidates', 'List candidates (old)'], ['candidates', 'CandidateName'], {
        paging,
      }),
      'Kept for the Excel add-in. Names only. Use searchCandidates instead.',
    ),
    deprecated: true,
    run: ({ tables, args }) =>
      paging.cut(
        tables.candidates!.map(({ id, fullName }) => ({ id, fullName })),
        args,
      ),
  },
  gets(['getCandidate', '/candidates/{candidateId}', 'Get a candidate'], CANDIDATE),
  adds(['createCandidate', '/candidates', 'Create a candidate'], ['candidates', 'Candidate'], {
    ...body({
      'fullName!': text('First and last name'),
      'email!': email('E-mail address'),
      phone: text('Phone number'),
      location: text('City'),
      source: oneOf('Where the candidate came from', doc.SOURCES),
      currentEmployer: text('Present employer'),
      expectedSalary: whole('Euros a year'),
    }),
    set: {
      ...{ phone: null, location: '', source: 'careers_page', currentEmployer: null, expectedSalary: 0 },
      createdAt: '2026-11-25T09:00:00Z',
    },
  }),
  changes(['updateCandidate', '/candidates/{candidateId}', 'Update a candidate'], CANDIDATE, {
    method: 'patch',
    ...body({
      email: email('E-mail address'),
      phone: text('Phone number'),
      location: text('City'),
      currentEmployer: text('Present employer'),
      expectedSalary: whole('Euros a year'),
    }),
  }),
  lists(['listNotes', '/candidates/{candidateId}/notes', 'List notes on a candidate'], ['notes', 'Note'], {
    within: 'candidateId',
    paging: nested,
  }),
  described(
    adds(['addNote', '/candidates/{candidateId}/notes', 'Add a note to a candidate'], ['notes', 'Note'], {
      ...body({
        'text!': text('Text of the note'),
        visibility: oneOf('Who can read it; team if left out', doc.VISIBILITIES),
      }),
      within: 'candidateId',
      set: { authorId: 'usr_1', visibility: 'team', createdAt: '2026-11-25T09:00:00Z' },
    }),
    'Notes are internal: candidates never see them.',
  ),
  removes(['deleteNote', '/candidates/{candidateId}/notes/{noteId}', 'Delete a note'], ['notes', 'noteId']),
  {
    id: 'emailCandidate',
    method: 'post',
    path: '/candidates/{candidateId}/emails',
    summary: 'Send an e-mail to a candidate',
    ...body({ 'subject!': text('Subject line'), 'body!': text('Plain text of the e-mail, sent unchanged') }),
    status: 201,
    answer: ref('SentEmail'),
    run: ({ tables, path }) => ({ id: 'eml_1', to: find(tables.candidates, path.candidateId).email }),
  },
  searches(
    ['searchApplications', '/applications/search', 'Search applications'],
    ['applications', 'Application'],
    [
      same('jobId', text('Identifier of the job')),
      same('candidateId', text('Identifier of the candidate')),
      same('stage', oneOf('How far it has come', doc.STAGES)),
      same('status', oneOf('Whether it is still in progress', doc.APPLICATION_STATES)),
      atLeast('appliedFrom', doc.from('Came in'), 'appliedAt'),
      atMost('appliedTo', doc.until('Came in'), 'appliedAt'),
    ],
  ),
  changes(
    ['moveApplication', '/applications/{applicationId}/stage', 'Move an application to another stage'],
    APPLICATION,
    { method: 'put', ...body({ 'stage!': oneOf('Stage to move to', doc.STAGES) }), only: ['active'] },
  ),
  changes(['rejectApplication', '/applications/{applicationId}/reject', 'Reject an application'], APPLICATION, {
    ...body({ 'rejectionReason!': oneOf('Why', doc.REJECTIONS) }),
    set: { status: 'rejected' },
    only: ['active'],
  }),
  searches(
    ['searchInterviews', '/interviews/search', 'Search interviews'],
    ['interviews', 'Interview'],
    [
      same('interviewerId', text('User who interviews')),
      same('candidateId', text('Identifier of the candidate')),
      same('kind', oneOf('Kind of interview', doc.INTERVIEW_KINDS)),
      same('status', oneOf('Status', doc.INTERVIEW_STATES)),
      atLeast('from', doc.from('Starts'), 'startsAt'),
      atMost('to', doc.until('Starts'), 'startsAt'),
    ],
  ),
  {
    id: 'scheduleInterview',
    method: 'post',
    path: '/applications/{applicationId}/interviews',
    summary: 'Schedule an interview',
    ...body({
      'interviewerId!': text('User who interviews'),
      'kind!': oneOf('Kind of interview', doc.INTERVIEW_KINDS),
      'startsAt!': moment('Start'),
      minutes: whole('Length; 45 if left out', { minimum: 15, maximum: 240 }),
    }),
    status: 201,
    answer: ref('Interview'),
    run: ({ tables, path, body: given }) => {
      const { id: applicationId, candidateId, candidateName } = find(tables.applications, path.applicationId);
      find(tables.teamMembers, given.interviewerId);
      const own = { id: nextId(tables.interviews!), applicationId, candidateId, candidateName, minutes: 45 };
      const row = { ...own, status: 'scheduled', ...given };
      tables.interviews!.push(row);
      return row;
    },
  },
  described(
    removes(['cancelInterview', '/interviews/{interviewId}', 'Cancel an interview'], ['interviews', 'interviewId']),
    'Takes the interview out of all calendars. This cannot be undone.',
  ),
];

/** Recruiting software: resources inside others, and searches that are POSTs. */
export const SERVICE = service({
  id: 'hirewell',
  name: 'Hirewell',
  description: 'Applicant tracking: jobs, candidates, applications, interviews. All times are UTC.',
  pathWords: doc.PATH_WORDS,
  schemas: doc.SCHEMAS,
  operations,
  seed,
});
