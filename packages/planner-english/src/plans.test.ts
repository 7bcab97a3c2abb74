// Tables of intents: what a plan calls with which arguments, and what is said where there is none.
import { afterAll, describe } from 'vitest';
import { closeRuns } from './testing/runs.ts';
import { calendar, tracker } from './testing/services.ts';
import { BOUND, plans, refusals } from './testing/tables.ts';

afterAll(closeRuns);

describe('a calendar', () => {
  plans(calendar, [
    [
      'Show my events on Friday',
      ['listEvents', { query: { timeMin: '2026-11-27T00:00:00Z', timeMax: '2026-11-28T00:00:00Z', maxResults: 250 } }],
    ],
    [
      'What meetings are there between December 1 and December 5?',
      ['listEvents', { query: { timeMin: '2026-12-01T00:00:00Z', timeMax: '2026-12-06T00:00:00Z', maxResults: 250 } }],
    ],
    [
      'Which events are on 3 December 2026?',
      ['listEvents', { query: { timeMin: '2026-12-03T00:00:00Z', timeMax: '2026-12-04T00:00:00Z', maxResults: 250 } }],
    ],
    ['Get event ev_77', ['getEvent', { path: { eventId: 'ev_77' } }]],
    ['Cancel event ev_9', ['deleteEvent', { path: { eventId: 'ev_9' } }]],
    [
      'Schedule a meeting called "Retro" on 2 December at 15:00 for an hour',
      ['createEvent', { body: { summary: 'Retro', start: '2026-12-02T15:00:00Z', end: '2026-12-02T16:00:00Z' } }],
    ],
    [
      'Schedule a meeting called "Sync" tomorrow at noon for 45 minutes in Oslo',
      [
        'createEvent',
        { body: { location: 'Oslo', summary: 'Sync', start: '2026-11-26T12:00:00Z', end: '2026-11-26T12:45:00Z' } },
      ],
    ],
    [
      'Create an event "Lunch" next Friday from 12:00 to 13:00',
      ['createEvent', { body: { summary: 'Lunch', start: '2026-12-04T12:00:00Z', end: '2026-12-04T13:00:00Z' } }],
    ],
    ['What is the email address of Maria Anders?', ['searchPeople', { query: { query: 'Maria Anders' } }]],
    ['Find the person with the email ana@example.com', ['searchPeople', { query: { query: 'ana@example.com' } }]],
    [
      'List the events until the end of December',
      ['listEvents', { query: { timeMax: '2027-01-01T00:00:00Z', maxResults: 250 } }],
    ],
    // Those that began before it and end after it are sifted out.
    [
      'Which events start after 1 December?',
      ['listEvents', { query: { timeMin: '2026-12-01T00:00:00Z', maxResults: 250 } }],
    ],
    [
      'What is on my calendar in 3 days?',
      ['listEvents', { query: { timeMin: '2026-11-28T00:00:00Z', timeMax: '2026-11-29T00:00:00Z', maxResults: 250 } }],
    ],
    [
      'Events of the last two weeks',
      ['listEvents', { query: { timeMin: '2026-11-11T00:00:00Z', timeMax: '2026-11-26T00:00:00Z', maxResults: 250 } }],
    ],
    [
      'Show the events of 2027',
      ['listEvents', { query: { timeMin: '2027-01-01T00:00:00Z', timeMax: '2028-01-01T00:00:00Z', maxResults: 250 } }],
    ],
    [
      'Put a meeting titled "Demo" into the calendar for tomorrow from 9am to 10am',
      ['createEvent', { body: { summary: 'Demo', start: '2026-11-26T09:00:00Z', end: '2026-11-26T10:00:00Z' } }],
    ],
  ]);

  refusals(calendar, [
    ['Find events about budget planning', 'budget planning'],
    ['Show events since last Monday', 'no way to all of them'],
    [
      'Invite ana@example.com and bo@example.com to a meeting called "Plan" tomorrow at 9:00 for 30 minutes',
      'bo@example.com',
    ],
    ['Book a room in Paris', 'I found n'],
    ['Delete all events', 'needs to be told "event id"'],
    ['How many events are there this week?', 'no way to all of them'],
  ]);
});

describe('an issue tracker', () => {
  plans(tracker, [
    [
      'Show the closed issues with low priority',
      ['listIssues', { query: { state: 'closed', priority: 'low', per_page: 50 } }],
    ],
    [
      'List the issues of the project Apollo that are open',
      ['listProjects', { query: { search: 'Apollo' } }],
      ['listIssues', { query: { project_id: BOUND, state: 'open', per_page: 50 } }],
    ],
    [
      'Which issues were created in the last 30 days?',
      ['listIssues', { query: { created_after: '2026-10-26T00:00:00Z', per_page: 50 } }],
    ],
    ['Show issue 17', ['getIssue', { path: { issueId: '17' } }]],
    ['Set issue 4 to urgent', ['updateIssue', { path: { issueId: '4' }, body: { priority: 'urgent' } }]],
    [
      'Change the title of issue 4 to "Crash on start"',
      ['updateIssue', { path: { issueId: '4' }, body: { title: 'Crash on start' } }],
    ],
    [
      'Rename issue 4 to "Crash at exit"',
      ['updateIssue', { path: { issueId: '4' }, body: { title: 'Crash at exit' } }],
    ],
    [
      'Comment on issue 3: works for me, thanks',
      ['addComment', { body: { body: 'works for me, thanks' }, path: { issueId: '3' } }],
    ],
    [
      'Add a comment to issue 3 saying we ship on Friday',
      ['addComment', { body: { body: 'we ship on Friday' }, path: { issueId: '3' } }],
    ],
    [
      'Create an issue "Slow search" in Apollo',
      ['listProjects', { query: { search: 'Apollo' } }],
      ['createIssue', { body: { project_id: BOUND, title: 'Slow search' } }],
    ],
    [
      'Create a ticket with the title "Broken link" in the project Apollo, priority low',
      ['listProjects', { query: { search: 'Apollo' } }],
      ['createIssue', { body: { project_id: BOUND, title: 'Broken link', priority: 'low' } }],
    ],
    ['List members', ['listMembers', {}]],
    ['What is the email of Priya Raman?', ['listMembers', { query: { search: 'Priya Raman' } }]],
    [
      'How many issues are assigned to Priya Raman?',
      ['listMembers', { query: { search: 'Priya Raman' } }],
      ['listIssues', { query: { assignee_id: BOUND, per_page: 1 } }],
    ],
    ['Show the 3 issues with the most comments', ['listIssues', { query: { per_page: 50 } }]],
    ['List archived projects', ['listProjects', {}]],
    ['List projects that are not archived', ['listProjects', {}]],
    ['Issues with more than 10 comments', ['listIssues', { query: { per_page: 50 } }]],
    ['Show the oldest open issue', ['listIssues', { query: { state: 'open', per_page: 50 } }]],
    [
      'Which urgent issues are open, and who works on them?',
      ['listIssues', { query: { state: 'open', priority: 'urgent', per_page: 50 } }],
      ['getMember', { path: { memberId: BOUND } }],
    ],
    ['priority=high state=open issues', ['listIssues', { query: { priority: 'high', state: 'open', per_page: 50 } }]],
    [
      'Show issues with state closed and priority medium',
      ['listIssues', { query: { state: 'closed', priority: 'medium', per_page: 50 } }],
    ],
  ]);

  refusals(tracker, [
    ['Reopen issue 9', 'not what was asked for'],
    ['Who is assigned to issue 8?', 'I found n'],
    ['Assign issue 3 to Ana Lee and close issue 4', '4'],
    ['Show issues sorted by comments', 'sorted'],
    ['Delete issue 5', 'not what was asked for'],
    ['Move issue 5 to the project Zeus', 'project Zeus'],
  ]);
});
