import { atLeast, atMost, contains, find, type Operation, Refused, same, service } from '../kit.ts';
import { adds, changes, gets, lists, removes, type Thing } from '../rest.ts';
import { amount, day, email, flag, list, moment, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import { INVOICE_STATES, JOB_STATES, language, PROJECT_STATES, paging, SCHEMAS } from './document.ts';

const NOW = '2026-11-25T09:00:00Z';
const JOB: Thing = ['jobs', 'job_id', 'Job'];
const LINGUIST: Thing = ['linguists', 'linguist_id', 'Linguist'];
const PROJECT: Thing = ['projects', 'project_id', 'Project'];
const INVOICE: Thing = ['invoices', 'invoice_id', 'Invoice'];

const operations: Operation[] = [
  lists(['list_clients', '/v2/clients', 'List clients'], ['clients', 'Client'], {
    paging,
    filters: [contains('name', text('Only clients whose name contains this'), 'name')],
  }),
  lists(['list_linguists', '/v2/linguists', 'List linguists'], ['linguists', 'Linguist'], {
    paging,
    filters: [
      contains('name', text('Only linguists whose name contains this'), 'name'),
      same('target_language', language('Only linguists who translate into this language')),
      same('available', flag('Only linguists who do (true) or do not (false) take new jobs')),
    ],
  }),
  gets(['get_linguist', '/v2/linguists/{linguist_id}', 'Get a linguist'], LINGUIST),
  adds(['create_linguist', '/v2/linguists', 'Add a linguist'], ['linguists', 'Linguist'], {
    body: object({
      'name!': text('Full name'),
      'email!': email('E-mail address'),
      'source_languages!': list(text('ISO 639-1 code'), 'Languages that the linguist translates from'),
      'target_language!': language('Language that the linguist translates into'),
      'rate_per_word!': amount('Rate per word in EUR', { minimum: 0 }),
      speciality: text('Subject the linguist knows best'),
    }),
    set: { available: true },
  }),
  changes(['update_linguist', '/v2/linguists/{linguist_id}', 'Update a linguist'], LINGUIST, {
    method: 'patch',
    body: object({
      email: email('E-mail address'),
      rate_per_word: amount('Rate per word in EUR', { minimum: 0 }),
      available: flag('Whether the linguist takes new jobs'),
      speciality: text('Subject the linguist knows best'),
    }),
  }),
  lists(['list_projects', '/v2/projects', 'List projects'], ['projects', 'Project'], {
    paging,
    filters: [
      contains('title', text('Only projects whose title contains this'), 'title'),
      same('client_id', text('Only projects of this client')),
      same('status', oneOf('Only projects in this status', PROJECT_STATES)),
    ],
  }),
  gets(['get_project', '/v2/projects/{project_id}', 'Get a project'], PROJECT),
  adds(['create_project', '/v2/projects', 'Create a project'], ['projects', 'Project'], {
    body: object({
      'client_id!': text('Client'),
      'title!': text('Title'),
      'source_language!': language('Language of the texts'),
      budget: amount('Budget in EUR', { minimum: 0 }),
    }),
    set: { status: 'active', created_at: NOW },
  }),
  changes(['update_project', '/v2/projects/{project_id}', 'Update a project'], PROJECT, {
    method: 'patch',
    body: object({
      title: text('Title'),
      status: oneOf('Status', PROJECT_STATES),
      budget: amount('Budget in EUR', { minimum: 0 }),
    }),
  }),
  lists(['list_jobs', '/v2/jobs', 'List translation jobs of all projects'], ['jobs', 'Job'], {
    paging,
    filters: [
      same('project_id', text('Only jobs of this project')),
      same('linguist_id', text('Only jobs of this linguist')),
      same('target_language', language('Only jobs into this language')),
      same('status', oneOf('Only jobs in this status', JOB_STATES)),
      atLeast('due_from', day('Only jobs due on this day or later'), 'due_at'),
      atMost('due_to', day('Only jobs due on this day or earlier'), 'due_at'),
    ],
  }),
  gets(['get_job', '/v2/jobs/{job_id}', 'Get a job'], JOB),
  adds(['create_job', '/v2/projects/{project_id}/jobs', 'Add a job to a project'], ['jobs', 'Job'], {
    within: 'project_id',
    body: object({
      'target_language!': language('Language to translate into'),
      'words!': whole('Number of words', { minimum: 1 }),
      'due_at!': moment('When the linguist must deliver'),
    }),
    set: { status: 'open' },
  }),
  changes(['update_job', '/v2/jobs/{job_id}', 'Change the words or the deadline of a job'], JOB, {
    method: 'patch',
    body: object({
      words: whole('Number of words', { minimum: 1 }),
      due_at: moment('When the linguist must deliver'),
    }),
  }),
  {
    id: 'assign_job',
    method: 'post',
    path: '/v2/jobs/{job_id}/assign',
    summary: 'Give a job to a linguist',
    description: 'Open jobs and jobs that somebody else does can be given. The linguist must take new jobs.',
    body: object({ 'linguist_id!': text('Linguist who does it from now on') }),
    answer: ref('Job'),
    only: ['open', 'assigned'],
    run({ tables, path, body }) {
      const job = find(tables.jobs, path.job_id);
      const linguist = find(tables.linguists, body.linguist_id);
      if (!['open', 'assigned'].includes(String(job.status))) throw new Refused(409, `It is ${job.status}`);
      if (linguist.target_language !== job.target_language || !linguist.available)
        throw new Refused(422, `${linguist.name} cannot take this job`);
      return Object.assign(job, { linguist_id: linguist.id, status: 'assigned' });
    },
  },
  changes(['approve_job', '/v2/jobs/{job_id}/approve', 'Approve a delivered job'], JOB, {
    set: { status: 'approved' },
    only: ['delivered'],
  }),
  lists(['list_invoices', '/v2/invoices', 'List invoices that linguists sent us'], ['invoices', 'Invoice'], {
    paging,
    filters: [
      same('linguist_id', text('Only invoices of this linguist')),
      same('status', oneOf('Only invoices in this status', INVOICE_STATES)),
    ],
  }),
  changes(['approve_invoice', '/v2/invoices/{invoice_id}/approve', 'Approve a received invoice'], INVOICE, {
    set: { status: 'approved' },
    only: ['received'],
  }),
  changes(['pay_invoice', '/v2/invoices/{invoice_id}/pay', 'Mark an approved invoice as paid'], INVOICE, {
    set: { status: 'paid' },
    only: ['approved'],
  }),
  lists(['list_terms', '/v2/glossary_terms', 'List terms of the glossaries'], ['terms', 'Term'], {
    paging,
    filters: [
      same('client_id', text('Only terms in the glossary of this client')),
      contains('term', text('Only terms that contain this'), 'term'),
      same('target_language', language('Only translations into this language')),
    ],
  }),
  adds(['create_term', '/v2/glossary_terms', 'Add a term to the glossary of a client'], ['terms', 'Term'], {
    body: object({
      'client_id!': text('Client'),
      'source_language!': language('Language of the term'),
      'term!': text('Term'),
      'target_language!': language('Language of the translation'),
      'translation!': text('Agreed translation'),
    }),
  }),
  removes(['delete_term', '/v2/glossary_terms/{term_id}', 'Delete a glossary term'], ['terms', 'term_id']),
];

/** A translation agency: clients, linguists, projects with jobs, invoices and glossaries; cursor pages and snake_case. */
export const SERVICE = service({
  id: 'parlance',
  name: 'Parlance',
  description: 'Projects, linguists and invoices of a translation agency. Times are UTC.',
  pathWords: {
    linguist_id: 'Linguist id',
    project_id: 'Project id',
    job_id: 'Job id',
    invoice_id: 'Invoice id',
    term_id: 'Term id',
  },
  schemas: SCHEMAS,
  operations,
  seed,
});
