// Every command, in the order of the help.
import { addAudit } from './access/audit.ts';
import { addKeys } from './access/keys.ts';
import { addLogin } from './access/login.ts';
import { addUsage } from './access/usage.ts';
import { addUsers } from './access/users.ts';
import { addWhoami } from './access/whoami.ts';
import { addBackup } from './backup/backup.ts';
import { addMigrate } from './backup/migrate.ts';
import { addRestore } from './backup/restore.ts';
import { addResume } from './backup/resume.ts';
import type { AddCommand } from './command.ts';
import { addAnswer } from './decisions/answer.ts';
import { addApprove, addDeny } from './decisions/approve.ts';
import { addPending } from './decisions/pending.ts';
import { addResolve } from './decisions/resolve.ts';
import { addDoctor } from './doctor.ts';
import { addConnect } from './integrations/connect.ts';
import { addIntegrations } from './integrations/integrations.ts';
import { addApi } from './machine/api.ts';
import { addCompletion } from './machine/completion.ts';
import { addMcp } from './machine/mcp.ts';
import { addOpen } from './machine/open.ts';
import { addActions } from './resources/actions.ts';
import { addRules } from './resources/rules.ts';
import { addSchedules } from './resources/schedules.ts';
import { addWebhooks } from './resources/webhooks.ts';
import { addCancel } from './runs/cancel.ts';
import { addRerun } from './runs/rerun.ts';
import { addRun } from './runs/run.ts';
import { addRuns } from './runs/runs.ts';
import { addShow } from './runs/show.ts';
import { addWatch } from './runs/watch.ts';
import { addUp } from './up.ts';

export const commands: readonly AddCommand[] = [
  ...[addUp, addLogin, addWhoami],
  ...[addRun, addRuns, addShow, addWatch, addCancel, addRerun],
  ...[addPending, addApprove, addDeny, addAnswer, addResolve],
  ...[addIntegrations, addConnect, addRules],
  ...[addActions, addSchedules, addWebhooks],
  ...[addKeys, addUsers, addAudit, addUsage],
  ...[addBackup, addRestore, addResume, addMigrate],
  ...[addDoctor, addApi, addOpen, addMcp, addCompletion],
];
