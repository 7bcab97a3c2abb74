import { downloadLines } from '../../../display/download.ts';
import { withoutLinks } from '../log/event-text.ts';
import type { RunLog } from '../log/log.ts';

/** Saves the log as one line of JSON for each event, without links to decisions. */
export const downloadEvents = (runId: string, { events }: RunLog): Promise<void> =>
  downloadLines(`events-${runId.slice(-6)}`, events, withoutLinks);
