import { amount, day, email, flag, object, oneOf, type Schema, text } from '../schemas.ts';

export const LOCATIONS = ['Leeds', 'Bristol', 'Remote'];
export const EMPLOYMENT_STATES = ['active', 'on_leave', 'terminated'];
export const LEAVE_TYPES = ['annual', 'sick', 'parental', 'study', 'unpaid'];
export const REQUEST_STATES = ['pending', 'approved', 'declined'];
export const DOCUMENT_KINDS = ['contract', 'certificate', 'visa'];
export const RELATIONSHIPS = ['partner', 'parent', 'sibling', 'child', 'friend'];

export const SCHEMAS: Record<string, Schema> = {
  Employee: object({
    'id!': text('Employee number'),
    'fullName!': text('First and last name'),
    'workEmail!': email('Work e-mail address'),
    'jobTitle!': text('Job title'),
    'departmentId!': text('Department'),
    'managerId!': { type: ['string', 'null'], description: 'Employee number of the line manager' },
    'location!': oneOf('Place of work', LOCATIONS),
    'employmentStatus!': oneOf('on_leave: away for long; terminated: has left the company', EMPLOYMENT_STATES),
    'startDate!': day('First day at the company'),
  }),
  Department: object({
    'id!': text('Department id'),
    'name!': text('Name'),
    'headId!': text('Employee number of the head of department'),
  }),
  LeaveBalance: object({
    'employeeId!': text('Employee number'),
    'leaveType!': oneOf('Type of leave', LEAVE_TYPES),
    'entitlementDays!': amount('Days in this leave year'),
    'takenDays!': amount('Days already taken or approved'),
    'remainingDays!': amount('Days left in this leave year'),
  }),
  LeaveRequest: object({
    'id!': text('Id of the request'),
    'employeeId!': text('Employee number'),
    'employeeName!': text('Name of the employee'),
    'leaveType!': oneOf('Type of leave', LEAVE_TYPES),
    'startDate!': day('First day of leave'),
    'endDate!': day('Last day of leave'),
    'workingDays!': amount('Working days in between'),
    'status!': oneOf('pending: nobody has decided yet', REQUEST_STATES),
    'comment!': { type: ['string', 'null'], description: 'Comment of the one who decided' },
  }),
  PublicHoliday: object({ 'date!': day('Day'), 'name!': text('Name') }),
  OnboardingTask: object({
    'id!': text('Id of the task'),
    'employeeId!': text('New employee'),
    'title!': text('What is to be done'),
    'dueOn!': day('Day by which it should be done'),
    'done!': flag('Whether it is done'),
  }),
  EmployeeDocument: object({
    'id!': text('Id of the document'),
    'employeeId!': text('Employee number'),
    'title!': text('Title'),
    'kind!': oneOf('Kind of document', DOCUMENT_KINDS),
    'expiresOn!': { type: ['string', 'null'], format: 'date', description: 'Last day of validity, if it has one' },
  }),
  EmergencyContact: object({
    'id!': text('Id of the contact'),
    'employeeId!': text('Employee number'),
    'name!': text('Name'),
    'relationship!': oneOf('What they are to the employee', RELATIONSHIPS),
    'phone!': text('Phone number'),
  }),
};
