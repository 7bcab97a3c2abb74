import type { ProgressFrame, Run, RunEvent } from '@errand/contracts';
import { decisionLabels, isWaiting, runStatusLabels } from '@errand/contracts/labels';
import { shortId } from '../decisions/entry.ts';
import { runMark, runPaint, stepMark } from '../terminal/marks.ts';
import { duration } from '../terminal/times.ts';
import { valueLines } from '../terminal/value.ts';
import type { View } from '../terminal/view.ts';
import { oneLine } from '../terminal/visible.ts';
import { fit, indented, widthOf, wrap } from '../terminal/width.ts';

/** The lines of an event, for people; none for events that say nothing new. */
export function eventLines(event: RunEvent, view: View): string[] {
  switch (event.type) {
    case 'step':
      return stepLines(event.step, view);
    case 'status':
      return event.reason && !isWaiting(event.runStatus)
        ? indented(view.colors.dim(oneLine(event.reason)), view.width)
        : [];
    case 'authentication':
      return authenticationLines(event.auth, view);
    case 'run_action': {
      const by = event.decidedBy ? ` by ${oneLine(event.decidedBy)}` : '';
      const reason = event.reason ? `: ${oneLine(event.reason)}` : '';
      return indented(`${view.colors.dim('·')} ${decisionLabels[event.action]}${by}${reason}`, view.width);
    }
    case 'effect':
      return indented(`${view.colors.dim('·')} uncertain effect: ${decisionLabels[event.decision]}`, view.width);
    case 'answer':
      return indented(
        `${view.colors.dim('·')} ${event.reason === 'expired' ? 'no answer in time' : 'answered'}`,
        view.width,
      );
    default:
      // The start has its heading, the end its result, and requests are shown with all that is known of them.
      return [];
  }
}

type StepEvent = Extract<RunEvent, { type: 'step' }>;

function stepLines(step: StepEvent['step'], view: View): string[] {
  if (step.state === 'waiting') return [];
  const mark = stepMark(step.state, view);
  const took = step.startedAt && step.endedAt ? duration(Date.parse(step.endedAt) - Date.parse(step.startedAt)) : '';
  const title = oneLine(step.title ?? step.reason);
  const text = oneLine(step.text ?? '');
  const room = view.width - 4 - (took ? widthOf(took) + 2 : 0);
  const line = fit(text ? `${title}  ${text}` : title, room);
  const rest = line.slice(Math.min(line.length, title.length));
  return [
    `  ${mark} ${line.slice(0, title.length)}${view.colors.dim(rest)}${took ? view.colors.dim(`  ${took}`) : ''}`,
  ];
}

type Authentication = Extract<RunEvent, { type: 'authentication' }>['auth'];

function authenticationLines(auth: Authentication, view: View): string[] {
  if (auth.status === 'success') return [`  ${view.colors.green('✓')} connected ${auth.customerIntegrationId}`];
  if (auth.status === 'denied')
    return [`  ${view.colors.yellow('–')} consent refused at ${auth.customerIntegrationId}`];
  return [
    ...indented(
      `${view.colors.yellow('◐')} ${oneLine(auth.integrationName)} needs the consent of the user.`,
      view.width,
    ),
    ...(auth.url ? [`    ${auth.url}`] : []),
  ];
}

/** A running call, in a line. */
export const progressLine = ({ stepId, state, attempt, iteration }: ProgressFrame): string =>
  `${stepId}${iteration === undefined ? '' : ` (item ${iteration + 1})`}${state === 'retrying' ? `, attempt ${attempt}` : ''}`;

/** The heading of a run that is followed. */
export const headingLines = (
  { runId, intent, status }: Pick<Run, 'runId' | 'intent' | 'status'>,
  view: View,
): string[] => {
  const id = shortId(runId);
  const title = fit(oneLine(intent), view.width - id.length - 4);
  return [`${runPaint(status, view)(runMark(status))} ${view.colors.bold(title)}  ${view.colors.dim(id)}`];
};

/** The end of a run: its status, its summary, and its result or error. */
export function endLines(run: Run, view: View): string[] {
  const paint = runPaint(run.status, view);
  const took = run.endedAt ? ` in ${duration(Date.parse(run.endedAt) - Date.parse(run.createdAt))}` : '';
  const text = run.error?.message ?? run.summary;
  return [
    ...wrap(
      `${paint(`${runMark(run.status)} ${runStatusLabels[run.status]}`)}${took}${text ? `: ${oneLine(text)}` : ''}`,
      view.width,
    ),
    ...(run.result === undefined ? [] : valueLines(run.result, view)),
    ...(run.error
      ? [view.colors.dim(`  ${run.error.code}${run.error.retryable ? ', may succeed when it is run again' : ''}`)]
      : []),
  ];
}
