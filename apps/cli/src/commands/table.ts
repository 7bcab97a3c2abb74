// Every command, in the order of the help.
import { addLogin } from './access/login.ts';
import { addWhoami } from './access/whoami.ts';
import type { AddCommand } from './command.ts';
import { addAnswer } from './decisions/answer.ts';
import { addApprove, addDeny } from './decisions/approve.ts';
import { addPending } from './decisions/pending.ts';
import { addResolve } from './decisions/resolve.ts';
import { addCancel } from './runs/cancel.ts';
import { addRerun } from './runs/rerun.ts';
import { addRun } from './runs/run.ts';
import { addRuns } from './runs/runs.ts';
import { addShow } from './runs/show.ts';
import { addWatch } from './runs/watch.ts';

export const commands: readonly AddCommand[] = [
  addLogin,
  addWhoami,
  addRun,
  addRuns,
  addShow,
  addWatch,
  addCancel,
  addRerun,
  addPending,
  addApprove,
  addDeny,
  addAnswer,
  addResolve,
];
