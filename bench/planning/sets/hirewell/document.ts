import { day, email, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const PATH_WORDS = {
  jobId: 'Identifier of the job',
  candidateId: 'Identifier of the candidate',
  noteId: 'Identifier of the note',
  applicationId: 'Identifier of the application',
  interviewId: 'Identifier of the interview',
};

export const JOB_STATES = ['draft', 'open', 'on_hold', 'closed'];
const EMPLOYMENT = ['full_time', 'part_time', 'contract', 'internship'];
export const SOURCES = ['careers_page', 'referral', 'agency', 'social'];
export const STAGES = ['applied', 'phone_screen', 'assessment', 'onsite', 'offer', 'hired'];
export const APPLICATION_STATES = ['active', 'rejected', 'withdrawn', 'hired'];
export const REJECTIONS = ['skills', 'salary', 'position_filled', 'other'];
export const INTERVIEW_KINDS = ['phone', 'video', 'onsite'];
export const INTERVIEW_STATES = ['scheduled', 'done'];
export const VISIBILITIES = ['team', 'private'];

const maybe = (description: string, more: Schema = {}): Schema => ({
  type: ['string', 'null'],
  description,
  ...more,
});

export const SCHEMAS: Record<string, Schema> = {
  Department: object({ 'id!': { type: 'string' }, 'name!': { type: 'string' } }),
  TeamMember: object({
    'id!': text('Identifier of the user'),
    'name!': text('Full name'),
    'email!': email('Work e-mail'),
    'departmentId!': text('Department they belong to'),
  }),
  Job: object(
    {
      'id!': text('Identifier of the job'),
      'title!': text('Job title as candidates see it'),
      'departmentId!': text('Identifier of the department'),
      'location!': text('City'),
      'employmentType!': oneOf('Type of employment', EMPLOYMENT),
      'status!': oneOf('open: candidates can apply', JOB_STATES),
      'openings!': whole('How many people are to be hired'),
      'salaryMin!': whole('Lower end of the salary range, euros a year'),
      'salaryMax!': whole('Upper end of the salary range, euros a year'),
      'hiringManagerId!': text('User who decides'),
      'openedOn!': maybe('Day of publication', { format: 'date' }),
    },
    'A position that people are hired for.',
  ),
  Candidate: object(
    {
      'id!': text('Identifier of the candidate'),
      'fullName!': text('First and last name'),
      'email!': email('E-mail address'),
      'phone!': maybe('Phone number'),
      'location!': text('City the candidate lives in'),
      'source!': oneOf('Where the candidate came from', SOURCES),
      'currentEmployer!': maybe('Present employer'),
      'expectedSalary!': whole('What the candidate expects to earn, euros a year'),
      'createdAt!': moment('When the profile was created'),
    },
    'A person, whatever they applied for. See Application for that.',
  ),
  CandidateName: object({ 'id!': { type: 'string' }, 'fullName!': { type: 'string' } }),
  Note: object({
    'id!': text('Identifier of the note'),
    'candidateId!': text('Identifier of the candidate'),
    'authorId!': text('User who wrote it'),
    'text!': text('Text of the note'),
    'visibility!': oneOf('Who can read it', VISIBILITIES),
    'createdAt!': moment('When it was written'),
  }),
  Application: object(
    {
      'id!': text('Identifier of the application'),
      'jobId!': text('Identifier of the job'),
      'jobTitle!': text('Title of the job'),
      'candidateId!': text('Identifier of the candidate'),
      'candidateName!': text('Name of the candidate'),
      'stage!': oneOf('How far it has come', STAGES),
      'status!': oneOf('Whether it is still in progress', APPLICATION_STATES),
      'appliedAt!': moment('When it came in'),
      'rejectionReason!': maybe('Why it was rejected'),
    },
    'One candidate’s application for one job.',
  ),
  Interview: object({
    'id!': text('Identifier of the interview'),
    'applicationId!': text('Identifier of the application'),
    'candidateId!': text('Identifier of the candidate'),
    'candidateName!': text('Name of the candidate'),
    'interviewerId!': text('User who interviews'),
    'kind!': oneOf('Kind of interview', INTERVIEW_KINDS),
    'startsAt!': moment('Start'),
    'minutes!': whole('Length'),
    'status!': oneOf('Status', INTERVIEW_STATES),
  }),
  SentEmail: object({ 'id!': text('Identifier of the e-mail'), 'to!': email('Address it was sent to') }),
};

export const JOB_FIELDS: Record<string, Schema> = {
  location: text('City'),
  employmentType: oneOf('Type of employment', EMPLOYMENT),
  openings: whole('How many people are to be hired', { minimum: 1 }),
  salaryMin: whole('Lower end of the salary range, euros a year'),
  salaryMax: whole('Upper end of the salary range, euros a year'),
  hiringManagerId: text('User who decides'),
};

export const SEARCH_WINDOW: Record<string, Schema> = {
  offset: whole('Number of hits to skip', { minimum: 0, default: 0 }),
  limit: whole('Number of hits to return', { minimum: 1, maximum: 100, default: 20 }),
};

export const from = (what: string) => day(`${what} on this day or later`);
export const until = (what: string) => day(`${what} on this day or earlier`);
