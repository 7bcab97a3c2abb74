import { chance, dayAt, pad } from '../chance.ts';
import type { Row, Tables } from '../kit.ts';

const DEPARTMENTS = ['Engineering', 'Finance', 'People', 'Sales', 'Operations', 'Design'];
const TEAM: [name: string, department: number][] = [
  ['Dana Whitfield', 2],
  ['Rowan Achterberg', 0],
  ['Mireille Caron', 0],
  ['Stefan Boateng', 1],
  ['Yuki Hasegawa', 5],
  ['Leonor Pinto', 3],
  ['Gareth Lyle', 4],
  ['Anneke Vos', 0],
  ['Sunil Mehra', 1],
  ['Brigid Foley', 2],
  ['Caspar Lindholm', 3],
];
const JOBS: [title: string, department: number, status: string][] = [
  ['Platform Engineer', 0, 'open'],
  ['Senior Platform Engineer', 0, 'open'],
  ['Data Analyst', 1, 'open'],
  ['Payroll Specialist', 1, 'on_hold'],
  ['Financial Controller', 1, 'open'],
  ['Talent Partner', 2, 'open'],
  ['Office Manager', 4, 'open'],
  ['Account Executive', 3, 'open'],
  ['Sales Development Representative', 3, 'closed'],
  ['Product Designer', 5, 'open'],
  ['Design Researcher', 5, 'draft'],
  ['QA Engineer', 0, 'open'],
  ['Site Reliability Engineer', 0, 'on_hold'],
  ['Treasury Analyst', 1, 'open'],
  ['Accounts Payable Clerk', 1, 'closed'],
  ['Logistics Coordinator', 4, 'open'],
  ['Facilities Technician', 4, 'draft'],
  ['Mobile Engineer', 0, 'closed'],
  ['Partnerships Manager', 3, 'open'],
  ['Learning Designer', 2, 'closed'],
  ['Security Engineer', 0, 'open'],
  ['Tax Advisor', 1, 'draft'],
];
const CANDIDATES =
  `Leila Farouk|Marcus Oyelaran|Ingrid Solheim|Tomasz Wilk|Chris Nolan|Helga Brandvold|Bao Tran|Camille Aubert
Diego Fuentes|Esra Aydin|Farid Rahimi|Giulia Conti|Hannes Richter|Ioana Dumitru|Jelena Kos|Kofi Amankwah|Lotte Verbeek|Matteo Grassi
Nadia Belkacem|Oisin Daly|Pilar Ortega|Quirin Maier|Raquel Teixeira|Samir Nasser|Tuva Lindahl|Umar Sheikh|Valentina Rossi|Wiktor Zajac
Ximena Paz|Yannick Leroy|Zofia Lis|Abel Moreira|Birgit Holm|Chris Nolan|Delphine Roy|Emre Koc|Fiona Blake|Goran Ilic|Hugo Pereira
Iben Krogh|Jonas Falk|Karim Haddou|Lucia Marin|Milan Horak|Noor Jansen|Otto Brandt|Petra Nemec|Rui Carvalho|Saskia Thoma|Teo Baric
Ulla Ekman|Victor Sousa|Wanda Mroz|Youssef Amrani|Zara Quinn|Andre Lopes|Beatriz Faria|Cyril Picard|Dorota Kania|Elio Serra`.split(
    /[|\n]/,
  );
const CITIES = ['Lisbon', 'Utrecht', 'Porto', 'Ghent', 'Lisbon', 'Krakow', 'Oslo', 'Lyon'];
const EMPLOYERS = ['Northbeam', 'Kestrel Bank', 'Oxbow Retail', 'Fjord Mobility', 'Tandem Foods', 'Halcyon Labs'];
const STAGES = ['applied', 'phone_screen', 'assessment', 'onsite', 'offer'];
const NOTES = [
  'Asks about remote work.',
  'Strong on SQL, less so on dashboards.',
  'Can start two weeks after signing.',
  'Was referred by someone in Sales.',
  'Call again in the new year.',
  'Speaks Dutch and Portuguese.',
];

function candidates(): Row[] {
  const { next, pick } = chance(17);
  return CANDIDATES.map((name, index) => ({
    id: `cnd_${2041 + index}`,
    fullName: name,
    email: `${name.toLowerCase().replace(' ', '.')}${CANDIDATES.indexOf(name) < index ? '.berlin' : ''}@post.example`,
    phone: index % 6 === 5 ? null : `+351 555 0${pad(1200 + index * 23, 5)}`,
    location: pick(CITIES),
    source: pick(['careers_page', 'referral', 'agency', 'social', 'careers_page']),
    currentEmployer: index % 7 === 3 ? null : pick(EMPLOYERS),
    expectedSalary: 38000 + next(45) * 1000,
    createdAt: `${dayAt(-240 + index * 4)}T${pad(8 + next(10), 2)}:${pad(next(60), 2)}:00Z`,
  }));
}

const jobRows = (): Row[] => {
  const { next } = chance(31);
  return JOBS.map(([title, department, status], index) => {
    const low = 34000 + next(30) * 1000;
    return {
      id: `job_${311 + index}`,
      title,
      departmentId: `dep_${1 + department}`,
      location: CITIES[index % 6],
      employmentType: index % 8 === 6 ? 'part_time' : index % 9 === 5 ? 'contract' : 'full_time',
      status,
      openings: 1 + next(4),
      salaryMin: low,
      salaryMax: low + 9000,
      hiringManagerId: `usr_${1 + TEAM.findIndex(([, one]) => one === department)}`,
      openedOn: status === 'draft' ? null : dayAt(-150 + index * 6),
    };
  });
};

function applications(): Row[] {
  const { next, pick } = chance(47);
  const [jobs, people] = [jobRows(), candidates()];
  const made = (job: Row, candidate: Row, offset: number, stage: string): Row => ({
    ...{ jobId: job.id, jobTitle: job.title, candidateId: candidate.id, candidateName: candidate.fullName, stage },
    ...{ status: 'active', appliedAt: `${dayAt(offset)}T${pad(7 + next(12), 2)}:${pad(next(60), 2)}:00Z` },
    rejectionReason: null,
  });
  const named = [
    made(jobs[2]!, people[0]!, -31, 'onsite'),
    made(jobs[4]!, people[0]!, -90, 'applied'),
    made(jobs[7]!, people[1]!, -24, 'phone_screen'),
    made(jobs[6]!, people[3]!, -22, 'assessment'),
    made(jobs[2]!, people[12]!, -20, 'onsite'),
    made(jobs[2]!, people[38]!, -16, 'onsite'),
  ];
  // Nobody applies twice for the same job, and only those above are on site for Data Analyst.
  const taken = new Set(named.map(({ jobId, candidateId }) => `${jobId} ${candidateId}`));
  const others = Array.from({ length: 190 }, (_, index) => {
    const job = jobs[[1, 0, 2, 7, 9, 11, 1, 15, 4, 18, 1, 5, 13][index % 13]!]!;
    const row = made(job, people[5 + ((index * 17 + next(5)) % 55)]!, -88 + Math.floor(index * 0.46), pick(STAGES));
    if (job === jobs[2] && row.stage === 'onsite') row.stage = 'assessment';
    const roll = next(10);
    if (roll < 3)
      Object.assign(row, { status: 'rejected', rejectionReason: pick(['skills', 'salary', 'position_filled']) });
    if (roll === 9) row.status = 'withdrawn';
    return row;
  }).filter(({ jobId, candidateId }) => {
    const key = `${jobId} ${candidateId}`;
    return !taken.has(key) && taken.add(key);
  });
  named[1] = { ...named[1], status: 'rejected', rejectionReason: 'skills' };
  return [...named, ...others].map((row, index) => ({ id: `app_${7001 + index}`, ...row }));
}

function interviews(): Row[] {
  const { next, pick } = chance(59);
  const live = applications().filter(({ status, stage }) => status === 'active' && stage !== 'applied');
  const made = (app: Row, interviewer: number, startsAt: string, kind: string): Row => ({
    ...{ applicationId: app.id, candidateId: app.candidateId, candidateName: app.candidateName },
    ...{ interviewerId: `usr_${interviewer}`, kind, startsAt, minutes: 45 },
    status: startsAt < '2026-11-25T09' ? 'done' : 'scheduled',
  });
  const rows = Array.from({ length: 64 }, (_, index) => {
    const app = live[2 + ((index * 7) % (live.length - 2))]!;
    const offset = Math.floor(-40 + index * 0.8);
    const weekday = new Date(`${dayAt(offset)}T00:00:00Z`).getUTCDay();
    const day = dayAt(offset + (weekday === 0 ? 1 : weekday === 6 ? 2 : 0));
    const kind = pick(['phone', 'video', 'onsite']);
    return made(app, 1 + next(11), `${day}T${pad(8 + next(9), 2)}:${pick(['00', '30'])}:00Z`, kind);
  });
  const own = [
    made(live[0]!, 4, '2026-11-27T13:00:00Z', 'onsite'),
    made(live[6]!, 1, '2026-11-26T10:30:00Z', 'phone'),
    made(live[11]!, 1, '2026-11-26T15:00:00Z', 'video'),
    made(live[9]!, 1, '2026-11-30T09:00:00Z', 'phone'),
  ];
  return [...rows.slice(0, 40), ...own, ...rows.slice(40)].map((row, index) => ({ id: `int_${901 + index}`, ...row }));
}

function notes(): Row[] {
  const { next, pick } = chance(71);
  const made = (candidate: number, author: number, text: string, createdAt: string): Row => ({
    ...{ candidateId: `cnd_${candidate}`, authorId: `usr_${author}`, text, visibility: 'team', createdAt },
  });
  const rows = Array.from({ length: 70 }, (_, index) =>
    made(2043 + ((index * 9) % 58), 1 + next(11), pick(NOTES), `${dayAt(-90 + index)}T${pad(8 + next(9), 2)}:15:00Z`),
  );
  const own = [
    made(2042, 6, 'Sells into hospitals today, wants to move to software.', '2026-11-02T10:05:00Z'),
    made(2042, 11, 'Would relocate to Porto if we cover the move.', '2026-11-19T16:40:00Z'),
    made(2042, 1, 'Phone screen went well, good sense of humour.', '2026-11-09T11:30:00Z'),
  ];
  return [...own, ...rows].map((row, index) => ({ id: `nt_${401 + index}`, ...row }));
}

/** @returns the records as they are on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  departments: DEPARTMENTS.map((name, index) => ({ id: `dep_${1 + index}`, name })),
  teamMembers: TEAM.map(([name, department], index) => ({
    id: `usr_${1 + index}`,
    name,
    email: index === 0 ? 'dana@example.com' : `${name.toLowerCase().replace(' ', '.')}@hirewell.example`,
    departmentId: `dep_${1 + department}`,
  })),
  jobs: jobRows(),
  candidates: candidates(),
  applications: applications(),
  interviews: interviews(),
  notes: notes(),
});
