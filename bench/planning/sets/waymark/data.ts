import type { Tables } from '../kit.ts';

/** name, key, status, lead (from 1), target date */
const PROJECTS = `Website Relaunch|WEB|active|2|2026-12-18
Mobile App 3.0|MOB|active|3|2027-02-26
Office Move|OFF|active|1|2027-01-15
Billing Migration|BIL|completed|4|2026-09-30
Partner Portal|POR|planned|6|2027-05-31
Brand Refresh|BRA|archived|7|2026-03-31`;

/** name, role, whether they can sign in */
const MEMBERS = `Dana Whitfield|admin|true
Rafael Costa|member|true
Ingrid Halvorsen|admin|true
Kofi Mensah|member|true
Yuki Tanaka|member|true
Bruno Keller|member|true
Amara Diallo|member|true
Chris Park|member|true
Chris Nolan|member|true
Lena Vogt|guest|true
Oskar Blom|member|false`;

/** project, title, state, priority, assignee (from 1), milestone, points, due date, created, labels */
const ISSUES = `1|Choose a content management system|done|high|2|401|5|2026-09-18|2026-09-07T09:10|research
1|Write the sitemap|done|medium|1|401|3|2026-09-25|2026-09-07T09:25|content
1|Draw wireframes of the home page|done|medium|7|401|5|2026-10-09|2026-09-14T13:40|design
1|Move old blog posts|in_progress|low|1|402|8|2026-12-04|2026-09-21T08:15|content
1|Set up redirects from old pages|in_progress|high|4|402|5|2026-11-27|2026-10-05T10:05|backend
1|Build the contact form|done|medium|8|402|3|2026-11-06|2026-10-05T10:20|frontend
1|Rewrite the pricing page|in_review|high|1|402|3|2026-11-26|2026-10-12T15:30|content
1|Check colour contrast|todo|medium|7|403|2|2026-12-02|2026-10-19T09:45|design,accessibility
1|Add a cookie banner|in_review|medium|8|402|2|2026-11-24|2026-10-19T11:00|frontend,legal
1|Speed up image loading|in_progress|medium|4|403|5|2026-12-09|2026-10-26T14:10|frontend
1|Translate product pages into French|todo|low|10|403|8|2026-12-11|2026-11-02T08:50|content
1|Load test of the new servers|todo|high|4|403|3|2026-12-10|2026-11-09T12:35|backend
1|Fix broken links in the footer|todo|low||403|1|2026-12-03|2026-11-16T16:20|frontend
1|Newsletter sign-up does nothing|todo|urgent|8|402|2|2026-11-30|2026-11-23T07:55|frontend,bug
2|Decide on minimum Android version|done|medium|3|404|1|2026-10-02|2026-09-10T10:00|research
2|Offline mode for lists|in_progress|high|5|404|13|2026-12-18|2026-09-17T09:30|feature
2|Crash when photo access is denied|in_progress|urgent|9|404|3|2026-11-20|2026-11-04T13:15|bug
2|Dark theme|backlog|low||405|8||2026-10-01T11:45|design
2|Push notifications arrive twice|todo|urgent|5|404|3|2026-11-27|2026-11-11T08:05|bug
2|Sign in with a passkey|todo|high|3|405|8|2027-01-22|2026-10-08T15:50|feature
2|Screen reader skips the tab bar|todo|high||404|3|2026-12-08|2026-11-12T10:40|bug,accessibility
2|Update store screenshots|backlog|low|7|405|2||2026-10-15T09:20|design
2|Login loop after password change|todo|urgent||404|5|2026-12-01|2026-11-19T17:05|bug
2|Measure battery usage|cancelled|low|5|404|3||2026-10-22T14:25|research
3|Get three quotes from movers|done|high|1|406|1|2026-10-30|2026-10-06T09:00|
3|Draw the floor plan|done|medium|7|406|3|2026-11-11|2026-10-06T09:15|design
3|Cancel the old internet contract|todo|high|6|407|1|2026-11-30|2026-10-13T10:10|it
3|Order desks for the second floor|in_progress|medium|1|407|2|2026-12-02|2026-10-20T11:30|furniture
3|Choose a coffee machine|backlog|low|10|408|1||2026-11-03T15:00|furniture
3|Label all server cables|todo|medium|6|408|2|2026-12-15|2026-11-10T08:45|it
4|Compare totals of both systems|done|urgent|4||5|2026-09-23|2026-08-03T09:00|finance
4|Switch off the old system|done|high|11||2|2026-09-30|2026-08-03T09:10|finance`;

/** project, name, due date */
const MILESTONES = `1|Concept approved|2026-10-09
1|Content complete|2026-12-04
1|Launch|2026-12-18
2|Closed beta|2026-12-18
2|Store release|2027-02-26
3|Floor plan approved|2026-11-13
3|Movers booked|2026-12-04
3|Keys handed over|2026-12-21`;

/** issue, author (from 1), created, text */
const COMMENTS = `WEB-105|4|2026-11-03T09:12|I have a list of 240 old addresses.
WEB-105|2|2026-11-10T14:48|Please leave out the campaign pages.
WEB-105|3|2026-11-23T11:27|Legal wants the imprint redirected, too.
WEB-107|1|2026-11-19T16:02|Ready for a second pair of eyes.
WEB-109|8|2026-11-20T10:30|Works in all browsers now.
MOB-203|9|2026-11-12T08:41|Only happens on Android 14.
MOB-203|5|2026-11-16T12:09|I can reproduce it on a Pixel 8.
OFF-304|1|2026-11-17T13:55|The supplier needs six weeks.`;

/** issue, member (from 1), minutes, day, note */
const TIME = `WEB-105|4|120|2026-10-08|Collected old addresses
WEB-102|1|90|2026-10-09|
WEB-105|4|75|2026-10-14|Sorted campaign pages
WEB-106|8|240|2026-10-20|Form and mail
WEB-110|4|150|2026-10-29|First measurements
MOB-202|5|300|2026-10-29|Sync of lists
WEB-104|1|60|2026-11-02|
WEB-105|4|180|2026-11-05|Redirect rules
MOB-203|9|200|2026-11-12|
WEB-110|4|95|2026-11-13|Lazy loading
MOB-205|5|45|2026-11-16|Reading logs
WEB-107|1|130|2026-11-18|
OFF-302|7|160|2026-11-10|
MOB-202|5|250|2026-11-19|Conflict handling
MOB-203|9|85|2026-11-23|Tried a fix
WEB-105|4|60|2026-11-24|`;

const LABELS =
  'accessibility,backend,bug,content,design,feature,finance,frontend,furniture,it,legal,marketing,research'.split(',');

const split = (lines: string) => lines.split('\n').map((line) => line.split('|'));
const project = (number: string) => `prj_${300 + Number(number)}`;
const member = (number: string) => `mem_${10 + Number(number)}`;
const mailOf = (name: string) =>
  `${name === 'Dana Whitfield' ? 'dana' : name.toLowerCase().replace(' ', '.')}@example.com`;
const projects = split(PROJECTS);

/** Issues are numbered by project: WEB-101, MOB-201, OFF-301. */
function issues() {
  const counts = new Map<string, number>();
  return split(ISSUES).map(([of, title, state, priority, assignee, milestone, points, due_on, created, labels]) => {
    const count = (counts.get(of!) ?? 0) + 1;
    counts.set(of!, count);
    return {
      id: `${projects[Number(of) - 1]![1]}-${Number(of) * 100 + count}`,
      project_id: project(of!),
      title,
      state,
      priority,
      assignee_id: assignee ? member(assignee) : null,
      milestone_id: milestone ? `ms_${milestone}` : null,
      points: Number(points),
      due_on: due_on || null,
      labels: labels ? labels.split(',') : [],
      created_at: `${created}:00Z`,
    };
  });
}

/** @returns the workspace as it is on the morning of 25 November 2026 */
export const seed = (): Tables => {
  const all = issues();
  const projectOf = (issue: string) => all.find(({ id }) => id === issue)!.project_id;
  return {
    projects: projects.map(([name, key, status, lead, target_date], index) => ({
      id: project(String(index + 1)),
      name,
      key,
      status,
      lead_id: member(lead!),
      target_date,
    })),
    members: split(MEMBERS).map(([name, role, active], index) => ({
      id: member(String(index + 1)),
      name,
      email: mailOf(name!),
      role,
      active: active === 'true',
    })),
    issues: all,
    milestones: split(MILESTONES).map(([of, name, due_on], index) => ({
      id: `ms_${401 + index}`,
      project_id: project(of!),
      name,
      due_on,
    })),
    comments: split(COMMENTS).map(([issue_id, by, created, body], index) => ({
      id: `com_${801 + index}`,
      issue_id,
      author_id: member(by!),
      body,
      created_at: `${created}:00Z`,
    })),
    timeEntries: split(TIME).map(([issue_id, by, minutes, spent_on, note], index) => ({
      id: `te_${901 + index}`,
      issue_id,
      project_id: projectOf(issue_id!),
      member_id: member(by!),
      minutes: Number(minutes),
      spent_on,
      note,
    })),
    invitations: [{ id: 'inv_51', email: 'hugo.lind@example.com', role: 'member' }],
    labels: LABELS.map((name) => ({ name })),
  };
};
