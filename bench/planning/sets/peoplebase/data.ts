import type { Row, Tables } from '../kit.ts';

const DEPARTMENTS = `engineering|Engineering|1003
finance|Finance|1004
marketing|Marketing|1005
operations|Operations|1006
people|People|1002`;

/** name, title, department, manager, location, status, first day */
const EMPLOYEES = `Ruth Adeyemi|Managing Director|operations||Leeds|active|2015-03-02
Dana Whitfield|HR Manager|people|1001|Leeds|active|2018-06-11
Callum Frost|Head of Engineering|engineering|1001|Leeds|active|2017-01-09
Isabel Moreno|Finance Director|finance|1001|Bristol|active|2016-09-19
Tariq Hussain|Head of Marketing|marketing|1001|Bristol|active|2019-04-01
Greta Holm|Operations Manager|operations|1001|Leeds|active|2020-02-17
Liam Doherty|Senior Developer|engineering|1003|Leeds|active|2019-08-05
Anjali Rao|Developer|engineering|1003|Remote|active|2022-05-16
Piotr Zielony|Developer|engineering|1003|Bristol|active|2023-01-23
Emma Clarke|QA Engineer|engineering|1003|Leeds|active|2021-11-08
Noah Bennett|Accountant|finance|1004|Bristol|active|2018-10-15
Wanda Kowal|Payroll Specialist|finance|1004|Leeds|active|2020-07-06
Sara Lindholm|Content Writer|marketing|1005|Remote|active|2024-03-04
Jack Turner|Graphic Designer|marketing|1005|Bristol|on_leave|2022-09-12
Mina Farahani|Campaign Manager|marketing|1005|Leeds|active|2021-06-21
Oscar Bell|Warehouse Supervisor|operations|1006|Leeds|active|2017-05-30
Emma Clarke|Logistics Planner|operations|1006|Bristol|active|2023-08-14
Felix Brandt|Recruiter|people|1002|Leeds|active|2024-01-15
Hannah Quinn|People Partner|people|1002|Bristol|active|2022-02-28
Yusuf Demir|DevOps Engineer|engineering|1003|Remote|active|2025-09-01
Leah Norton|Finance Assistant|finance|1004|Leeds|active|2026-11-02
Dominic Shaw|Driver|operations|1006|Leeds|active|2026-10-19
Katya Orlova|Developer|engineering|1003|Leeds|active|2026-11-16
Bradley Cox|Sales Assistant|marketing|1005|Bristol|terminated|2020-11-30`;

/** employee, type, first day, last day, working days, status */
const REQUESTS = `1007|annual|2026-10-05|2026-10-09|5|approved
1011|sick|2026-10-12|2026-10-13|2|approved
1014|parental|2026-10-26|2027-01-15|58|approved
1008|annual|2026-11-09|2026-11-13|5|approved
1016|annual|2026-11-16|2026-11-17|2|declined
1015|study|2026-11-19|2026-11-20|2|approved
1009|annual|2026-11-23|2026-11-27|5|approved
1012|sick|2026-11-24|2026-11-25|2|approved
1010|annual|2026-11-30|2026-12-04|5|approved
1019|annual|2026-12-01|2026-12-02|2|approved
1013|annual|2026-12-07|2026-12-11|5|pending
1007|annual|2026-12-21|2026-12-31|7|pending
1004|annual|2026-12-14|2026-12-18|5|approved
1018|unpaid|2026-12-03|2026-12-04|2|pending
1020|annual|2026-12-28|2026-12-31|3|pending
1006|annual|2026-12-23|2026-12-24|2|approved
1008|study|2027-01-11|2027-01-12|2|pending
1002|annual|2026-12-17|2026-12-18|2|approved
1016|annual|2027-01-04|2027-01-08|5|pending
1011|annual|2026-12-21|2026-12-24|4|approved
1002|annual|2027-02-15|2027-02-19|5|pending`;

const HOLIDAYS = `2026-01-01|New Year’s Day
2026-04-03|Good Friday
2026-04-06|Easter Monday
2026-05-04|Early May bank holiday
2026-05-25|Spring bank holiday
2026-08-31|Summer bank holiday
2026-12-25|Christmas Day
2026-12-28|Boxing Day (substitute day)
2027-01-01|New Year’s Day
2027-03-26|Good Friday
2027-03-29|Easter Monday
2027-05-03|Early May bank holiday
2027-05-31|Spring bank holiday
2027-08-30|Summer bank holiday
2027-12-27|Christmas Day (substitute day)
2027-12-28|Boxing Day (substitute day)`;

/** employee, title, due, whether it is done */
const TASKS = `1021|Sign the contract|2026-10-26|true
1021|Order laptop|2026-10-28|true
1021|Fire safety briefing|2026-11-06|false
1022|Sign the contract|2026-10-12|true
1022|Check driving licence|2026-10-19|true
1023|Sign the contract|2026-11-09|true
1023|Order laptop|2026-11-11|false
1023|Create accounts|2026-11-13|true
1023|Fire safety briefing|2026-11-27|false`;

/** employee, title, kind, expires on */
const DOCUMENTS = `1008|Employment contract|contract|
1008|Right to work|visa|2027-05-31
1016|Forklift licence|certificate|2027-03-14
1016|First aid at work|certificate|2026-12-09
1020|Employment contract|contract|
1020|Skilled worker visa|visa|2028-08-31
1022|Driving licence|certificate|2031-02-20`;

/** employee, name, relationship, phone */
const CONTACTS = `1007|Aoife Doherty|partner|07700 900231
1013|Karl Lindholm|parent|07700 900248
1016|Denise Bell|partner|07700 900256
1019|Rory Quinn|sibling|07700 900263`;

const split = (lines: string) => lines.split('\n').map((line) => line.split('|'));
const employee = (number: string) => `E${number}`;
const nameOf = (number: string) => EMPLOYEES.split('\n')[Number(number) - 1001]!.split('|')[0]!;

/** Everybody has their days of annual leave; those who are longest with the company have three more. */
const balances = (): Row[] =>
  split(EMPLOYEES).flatMap(([, , , , , , since], index) => {
    const employeeId = employee(String(1001 + index));
    const entitled = since! < '2020' ? 28 : 25;
    const taken = since! >= '2026' ? 0 : 8 + ((index * 5) % 13);
    const row = (leaveType: string, entitlementDays: number, takenDays: number) => ({
      ...{ employeeId, leaveType, entitlementDays, takenDays },
      remainingDays: entitlementDays - takenDays,
    });
    return [row('annual', entitled, taken), row('study', 5, index % 3)];
  });

/** @returns the staff records as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  departments: split(DEPARTMENTS).map(([id, name, head]) => ({ id, name, headId: employee(head!) })),
  employees: split(EMPLOYEES).map(
    ([fullName, jobTitle, departmentId, manager, location, status, startDate], index) => ({
      id: employee(String(1001 + index)),
      fullName,
      workEmail:
        index === 1
          ? 'dana@example.com'
          : `${fullName!.toLowerCase().replace(' ', '.')}${index === 16 ? '2' : ''}@example.com`,
      jobTitle,
      departmentId,
      managerId: manager ? employee(manager) : null,
      location,
      employmentStatus: status,
      startDate,
    }),
  ),
  requests: split(REQUESTS).map(([number, leaveType, startDate, endDate, days, status], index) => ({
    id: `LR-${5001 + index}`,
    employeeId: employee(number!),
    employeeName: nameOf(number!),
    leaveType,
    startDate,
    endDate,
    workingDays: Number(days),
    status,
    comment: null,
  })),
  balances: balances(),
  holidays: split(HOLIDAYS).map(([date, name]) => ({ date, name })),
  tasks: split(TASKS).map(([number, title, dueOn, done], index) => ({
    id: `task-${61 + index}`,
    employeeId: employee(number!),
    title,
    dueOn,
    done: done === 'true',
  })),
  documents: split(DOCUMENTS).map(([number, title, kind, expiresOn], index) => ({
    id: `doc-${401 + index}`,
    employeeId: employee(number!),
    title,
    kind,
    expiresOn: expiresOn || null,
  })),
  emergencyContacts: split(CONTACTS).map(([number, name, relationship, phone], index) => ({
    id: `ec-${21 + index}`,
    employeeId: employee(number!),
    name,
    relationship,
    phone,
  })),
});
