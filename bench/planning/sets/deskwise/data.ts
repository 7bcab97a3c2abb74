import type { Tables } from '../kit.ts';

const GROUPS = ['Billing', 'Technical Support', 'Onboarding', 'Security'];

/** name, group (from 1), whether new tickets may go to them */
const AGENTS = `Dana Whitfield|2|true
Marcus Oyelaran|1|true
Sophie Lindqvist|2|false
Tomasz Wrona|2|true
Priya Nair|3|true
Ben Castellano|1|false
Helen Osei|4|true
Ben Ashworth|2|true`;

const CONTACTS = `Adaeze Obi|adaeze.obi@fernbank.example|020 7946 0311|Fernbank Clinics
Laura Schmidt|laura.schmidt@brightwater.example|020 7946 0327|Brightwater Foods
Joaquin Rivas|joaquin@rivaslogistics.example|020 7946 0340|Rivas Logistics
Mei-Ling Tan|mltan@tanpartners.example|020 7946 0352|Tan & Partners
Laura Schmidt|schmidt@nordhaus.example|020 7946 0369|Nordhaus GmbH
Graham Pell|graham@pellmotors.example|020 7946 0371|Pell Motors
Nadia Karim|nadia.karim@fernbank.example|020 7946 0388|Fernbank Clinics
Owen Gallagher|owen@gallagherprint.example|020 7946 0390|Gallagher Print
Chiara Romano|chiara@studioromano.example|020 7946 0404|Studio Romano
Victor Hale|v.hale@haleinsurance.example|020 7946 0415|Hale Insurance
Ingrid Solberg|solberg@nordhaus.example|020 7946 0423|Nordhaus GmbH
Rashid Amin|rashid@amintextiles.example|020 7946 0436|Amin Textiles
Penny Wu|penny.wu@brightwater.example|020 7946 0447|Brightwater Foods
Samuel Okoro|samuel@okorofarms.example|020 7946 0458|Okoro Farms
Beth Lawson|beth@lawsonlegal.example|020 7946 0462|Lawson Legal
Yannick Dubois|yannick@duboisoptique.example|020 7946 0475|Dubois Optique`;

/** subject, contact (from 1), priority, status, agent (from 1), group, created, channel, tags */
const TICKETS = `Invoice shows the wrong VAT number|2|normal|closed|2|1|2026-10-28T08:14|email|vat
Cannot log in after password reset|7|high|solved|4|2|2026-10-29T10:02|chat|login
Export to Excel stops at 1000 rows|3|normal|solved|1|2|2026-10-30T13:45|email|export
Please add a second administrator|9|low|closed|5|3|2026-11-02T09:20|web|
App crashes when I open the calendar|1|high|solved|8|2|2026-11-02T15:31|email|mobile,crash
Charged twice for October|10|high|solved|2|1|2026-11-03T07:55|phone|refund
How do I change our company address?|6|low|closed|6|1|2026-11-03T11:12|email|
Webhook deliveries are delayed|11|normal|on_hold|4|2|2026-11-04T09:47|web|api,webhooks
Single sign-on with Azure|15|normal|pending|7|4|2026-11-05T12:26|email|sso
Refund for unused licences|4|normal|pending|2|1|2026-11-06T10:10|email|refund
Printer labels are cut off|8|low|solved|3|2|2026-11-06T14:38|chat|printing
Cannot upload photos larger than 5 MB|14|normal|open|3|2|2026-11-09T08:29|email|upload
Onboarding call for three new clinics|1|normal|open|5|3|2026-11-09T16:05|email|
Two-factor code never arrives|7|urgent|open|7|4|2026-11-10T07:41|phone|login,2fa
Search finds nothing since the update|13|high|pending|1|2|2026-11-11T09:33|chat|search
VAT missing on credit note|5|normal|open|6|1|2026-11-12T10:54|email|vat
Request for a data processing agreement|15|low|pending|7|4|2026-11-12T13:15|web|legal
Dashboard takes a minute to load|12|high|open|8|2|2026-11-13T08:08|email|performance
Cannot upload supplier list|3|normal|open|4|2|2026-11-13T11:50|web|upload
Wrong currency on our subscription|16|high|open|2|1|2026-11-16T09:02|email|
Calendar invitations in the wrong time zone|9|normal|open|1|2|2026-11-16T15:17|email|calendar
Import of contacts failed|6|normal|solved|5|3|2026-11-17T10:36|chat|import
Phishing mail in your name|10|urgent|pending|7|4|2026-11-17T12:49|email|security
Please cancel our trial|8|low|solved|6|1|2026-11-18T09:25|web|
API returns 500 on bulk update|11|urgent|open|4|2|2026-11-18T14:03|email|api
Dashboard takes ages to load|12|normal|open||2|2026-11-19T08:44|chat|performance
Where can I see my past invoices?|4|low|open||1|2026-11-19T16:22|chat|
Refund has not arrived|10|high|open|2|1|2026-11-20T09:39|phone|refund
Mobile app signs me out every hour|14|high|open|1|2|2026-11-20T13:58|email|mobile,login
New starter needs access|13|normal|open||3|2026-11-23T08:31|web|
Report totals do not add up|2|high|open||2|2026-11-23T10:47|email|reports
Audit log for last quarter|15|normal|open|7|4|2026-11-23T15:06|email|legal
Cannot download invoices|16|urgent|open||1|2026-11-24T07:52|phone|
Barcode scanner not recognised|8|normal|open||2|2026-11-24T11:19|chat|
Dark mode please|9|low|open||2|2026-11-25T07:34|web|feature_request
Payment page shows an error|5|urgent|open|6|1|2026-11-25T08:21|email|`;

/** ticket, author, whether the requester sees it, created, text */
const REPLIES = `48214|Helen Osei|true|2026-11-10T08:20|Which number do you expect the code on?
48214|Nadia Karim|true|2026-11-10T09:03|My new one, it ends in 88.
48214|Helen Osei|false|2026-11-10T09:15|Old number is still in the directory.
48215|Dana Whitfield|true|2026-11-11T10:01|Could you send me a screenshot?
48225|Tomasz Wrona|true|2026-11-18T14:40|We can reproduce this and are working on it.
48225|Ingrid Solberg|true|2026-11-20T07:12|Any news? Our month end depends on it.`;

/** ticket, agent, score, day, comment */
const RATINGS = `48201|2|good|2026-10-30|Quick and friendly
48202|4|bad|2026-10-31|Nobody called back
48204|5|good|2026-11-03|Great call
48207|6|good|2026-11-04|
48205|8|good|2026-11-05|Works again, thanks
48203|1|bad|2026-11-07|Took a week
48206|2|bad|2026-11-09|Still waiting for my money
48211|3|good|2026-11-10|Perfect
48222|5|bad|2026-11-19|Had to send the file three times
48224|6|good|2026-11-20|`;

const ARTICLES = `Reset your password|Accounts|published
Import contacts from a spreadsheet|Getting started|published
Set up single sign-on|Security|draft
Understand your invoice|Billing|published
Connect a barcode scanner|Hardware|draft
Two-factor authentication|Security|published
Webhooks and retries|Developers|draft`;

const split = (lines: string) => lines.split('\n').map((line) => line.split('|'));
const agent = (number: string) => `ag_${10 + Number(number)}`;
const contact = (number: number) => `ct_${2000 + number}`;
const mailOf = (name: string) =>
  `${name === 'Dana Whitfield' ? 'dana' : name.toLowerCase().replace(' ', '.')}@example.com`;

/** @returns the help desk as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  groups: GROUPS.map((name, index) => ({ id: `grp_${index + 1}`, name })),
  agents: split(AGENTS).map(([name, group, available], index) => ({
    id: agent(String(index + 1)),
    name,
    email: mailOf(name!),
    group_id: `grp_${group}`,
    available: available === 'true',
  })),
  contacts: split(CONTACTS).map(([name, email, phone, company], index) => ({
    id: contact(index + 1),
    name,
    email,
    phone,
    company,
  })),
  tickets: split(TICKETS).map(
    ([subject, requester, priority, status, assignee, group, created, channel, tags], index) => ({
      id: String(48201 + index),
      subject,
      requester_id: contact(Number(requester)),
      priority,
      status,
      assignee_id: assignee ? agent(assignee) : null,
      group_id: `grp_${group}`,
      channel,
      tags: tags ? tags.split(',') : [],
      created_at: `${created}:00Z`,
    }),
  ),
  replies: split(REPLIES).map(([ticket_id, author_name, visible, created, body], index) => ({
    id: `rep_${901 + index}`,
    ticket_id,
    author_name,
    public: visible === 'true',
    body,
    created_at: `${created}:00Z`,
  })),
  ratings: split(RATINGS).map(([ticket_id, by, score, rated_on, comment], index) => ({
    id: `rt_${301 + index}`,
    ticket_id,
    agent_id: agent(by!),
    score,
    comment,
    rated_on,
  })),
  articles: split(ARTICLES).map(([title, section, status], index) => ({
    id: `kb_${71 + index}`,
    title,
    section,
    status,
  })),
});
