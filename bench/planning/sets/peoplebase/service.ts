import { contains, type Filter, find, nextId, type Operation, Refused, type Row, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Paging, removes } from '../rest.ts';
import { amount, day, flag, list, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import * as doc from './document.ts';

const paging: Paging = {
  query: [
    { name: 'cursor', schema: text('Value of next_cursor of the previous response') },
    { name: 'limit', schema: whole('Maximum number of items', { minimum: 1, maximum: 50, default: 15 }) },
  ],
  answer: (item) =>
    object({
      'items!': list(item),
      'next_cursor!': {
        type: ['string', 'null'],
        description: 'Cursor of the next page; null if this is the last one',
      },
    }),
  cut(rows, args) {
    const from = args.cursor === undefined ? 0 : Number(Buffer.from(String(args.cursor), 'base64url').toString());
    if (!Number.isInteger(from)) throw new Refused(422, 'Invalid cursor');
    const end = from + Number(args.limit ?? 15);
    const next = end < rows.length ? Buffer.from(String(end)).toString('base64url') : null;
    return { items: rows.slice(from, end), next_cursor: next };
  },
};
/** Lists inside an employee come at once. */
const nested: Paging = {
  query: [],
  answer: (item) => object({ 'items!': list(item) }),
  cut: (rows) => ({ items: rows }),
};

const EMPLOYEE: [string, string, string] = ['employees', 'employeeId', 'Employee'];
const REQUEST: [string, string, string] = ['requests', 'requestId', 'LeaveRequest'];
const statusFilter = same('status', oneOf('Only requests with this status', doc.REQUEST_STATES));
const typeFilter = same('leaveType', oneOf('Only this type of leave', doc.LEAVE_TYPES));
/** Leave that has days in common with a period. */
const period: Filter[] = [
  {
    name: 'from',
    schema: day('First day of the period; leave that ended before is left out'),
    keeps: (row, value) => String(row.endDate) >= String(value),
  },
  {
    name: 'to',
    schema: day('Last day of the period; leave that starts later is left out'),
    keeps: (row, value) => String(row.startDate) <= String(value),
  },
];

const workingDays = (first: string, last: string): number => {
  let count = 0;
  for (const at = new Date(first); at <= new Date(last); at.setUTCDate(at.getUTCDate() + 1))
    if (at.getUTCDay() % 6 !== 0) count++;
  return count;
};

const operations: Operation[] = [
  lists(['listEmployees', '/v1/employees', 'List employees'], ['employees', 'Employee'], {
    paging,
    filters: [
      contains('search', text('Part of the name or work e-mail address'), 'fullName', 'workEmail'),
      same('departmentId', text('Only employees of this department')),
      same('location', oneOf('Only employees who work there', doc.LOCATIONS)),
      same('employmentStatus', oneOf('Only employees with this status', doc.EMPLOYMENT_STATES)),
    ],
  }),
  gets(['getEmployee', '/v1/employees/{employeeId}', 'Get an employee'], EMPLOYEE),
  changes(['updateEmployee', '/v1/employees/{employeeId}', 'Update an employee'], EMPLOYEE, {
    method: 'patch',
    body: object({
      jobTitle: text('Job title'),
      departmentId: text('Department'),
      managerId: text('Employee number of the line manager'),
      location: oneOf('Place of work', doc.LOCATIONS),
    }),
  }),
  {
    id: 'listDirectReports',
    method: 'get',
    path: '/v1/employees/{employeeId}/direct-reports',
    summary: 'List the employees who report to an employee',
    answer: nested.answer(ref('Employee')),
    run({ tables, path }) {
      const { id } = find(tables.employees, path.employeeId);
      return { items: tables.employees!.filter(({ managerId }) => managerId === id) };
    },
  },
  lists(
    ['listLeaveBalances', '/v1/employees/{employeeId}/leave-balances', 'List the leave balances of an employee'],
    ['balances', 'LeaveBalance'],
    { within: 'employeeId', paging: nested },
  ),
  {
    id: 'adjustLeaveBalance',
    method: 'post',
    path: '/v1/employees/{employeeId}/leave-balances/{leaveType}/adjustments',
    summary: 'Adjust the entitlement of an employee to a type of leave',
    body: object({ 'days!': amount('Days to add; negative to take away'), 'reason!': text('Why') }),
    answer: ref('LeaveBalance'),
    run({ tables, path, body }) {
      find(tables.employees, path.employeeId);
      const own = tables.balances!.filter(({ employeeId }) => employeeId === path.employeeId);
      const row = find(own, path.leaveType, 'leaveType') as Row & { entitlementDays: number; remainingDays: number };
      row.entitlementDays += Number(body.days);
      row.remainingDays += Number(body.days);
      return row;
    },
  },
  lists(
    [
      'listEmployeeLeaveRequests',
      '/v1/employees/{employeeId}/leave-requests',
      'List the leave requests of an employee',
    ],
    ['requests', 'LeaveRequest'],
    { within: 'employeeId', paging, filters: [statusFilter, typeFilter] },
  ),
  {
    id: 'createLeaveRequest',
    method: 'post',
    path: '/v1/employees/{employeeId}/leave-requests',
    summary: 'Request leave for an employee',
    body: object({
      'leaveType!': oneOf('Type of leave', doc.LEAVE_TYPES),
      'startDate!': day('First day of leave'),
      'endDate!': day('Last day of leave, included'),
    }),
    status: 201,
    answer: ref('LeaveRequest'),
    run({ tables, path, body }) {
      const { id: employeeId, fullName: employeeName } = find(tables.employees, path.employeeId);
      const days = workingDays(String(body.startDate), String(body.endDate));
      const row = { id: nextId(tables.requests!), employeeId, employeeName, ...body };
      tables.requests!.push({ ...row, workingDays: days, status: 'pending', comment: null });
      return tables.requests!.at(-1);
    },
  },
  lists(
    ['listLeaveRequests', '/v1/leave-requests', 'List the leave requests of all employees'],
    ['requests', 'LeaveRequest'],
    {
      paging,
      filters: [statusFilter, typeFilter, ...period],
    },
  ),
  changes(['approveLeaveRequest', '/v1/leave-requests/{requestId}/approve', 'Approve a leave request'], REQUEST, {
    body: object({ comment: text('Comment for the employee') }),
    set: { status: 'approved' },
    only: ['pending'],
  }),
  {
    ...changes(['declineLeaveRequest', '/v1/leave-requests/{requestId}/decline', 'Decline a leave request'], REQUEST, {
      body: object({ 'reason!': text('Reason, which the employee sees') }),
      only: ['pending'],
    }),
    run({ tables, path, body }) {
      const row = find(tables.requests, path.requestId);
      if (row.status !== 'pending') throw new Refused(409, `It is ${row.status}`);
      return Object.assign(row, { status: 'declined', comment: body.reason });
    },
  },
  removes(
    ['withdrawLeaveRequest', '/v1/leave-requests/{requestId}', 'Withdraw a leave request'],
    ['requests', 'requestId'],
  ),
  lists(['listDepartments', '/v1/departments', 'List departments'], ['departments', 'Department'], { paging: nested }),
  {
    id: 'listPublicHolidays',
    method: 'get',
    path: '/v1/public-holidays',
    summary: 'List the public holidays of a year',
    query: [{ name: 'year', required: true, schema: whole('Calendar year, four digits', { minimum: 2020 }) }],
    answer: nested.answer(ref('PublicHoliday')),
    run: ({ tables, args }) => ({
      items: tables.holidays!.filter(({ date }) => String(date).startsWith(String(args.year))),
    }),
  },
  lists(
    [
      'listOnboardingTasks',
      '/v1/employees/{employeeId}/onboarding-tasks',
      'List the onboarding tasks of a new employee',
    ],
    ['tasks', 'OnboardingTask'],
    {
      within: 'employeeId',
      paging: nested,
      filters: [same('done', flag('true: only tasks that are done; false: only those that are not'))],
    },
  ),
  changes(
    [
      'completeOnboardingTask',
      '/v1/employees/{employeeId}/onboarding-tasks/{taskId}/complete',
      'Mark an onboarding task as done',
    ],
    ['tasks', 'taskId', 'OnboardingTask'],
    { set: { done: true } },
  ),
  lists(
    ['listEmployeeDocuments', '/v1/employees/{employeeId}/documents', 'List the documents of an employee'],
    ['documents', 'EmployeeDocument'],
    { within: 'employeeId', paging: nested, filters: [same('kind', oneOf('Only this kind', doc.DOCUMENT_KINDS))] },
  ),
  lists(
    [
      'listEmergencyContacts',
      '/v1/employees/{employeeId}/emergency-contacts',
      'List the emergency contacts of an employee',
    ],
    ['emergencyContacts', 'EmergencyContact'],
    { within: 'employeeId', paging: nested },
  ),
  adds(
    ['addEmergencyContact', '/v1/employees/{employeeId}/emergency-contacts', 'Add an emergency contact of an employee'],
    ['emergencyContacts', 'EmergencyContact'],
    {
      within: 'employeeId',
      body: object({
        'name!': text('Name'),
        'relationship!': oneOf('What they are to the employee', doc.RELATIONSHIPS),
        'phone!': text('Phone number'),
      }),
    },
  ),
];

/** A system for staff and their leave: cursors, and most things inside an employee. */
export const SERVICE = service({
  id: 'peoplebase',
  name: 'Peoplebase',
  description: 'Employees, leave and onboarding. Days are calendar days without a time zone.',
  pathWords: {
    employeeId: 'Employee number',
    leaveType: 'Type of leave: annual, sick, parental, study or unpaid',
    requestId: 'Id of the leave request',
    taskId: 'Id of the onboarding task',
  },
  schemas: doc.SCHEMAS,
  operations,
  seed,
});
