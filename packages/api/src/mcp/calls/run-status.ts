import { type agentTools, MAX_AGENT_EVENTS, problem, type RunEvent } from '@errand/contracts';
import type { AgentCall } from '../agent-call.ts';
import { pick } from './pick.ts';

export const runStatus: AgentCall<typeof agentTools.runStatus> = async (
  { runId, waitSeconds, includeEvents },
  { operations, engine, waitSlots, principal, userId, mcp },
) => {
  let run = await operations.runs.get({ runId });
  // Runs of other users do not exist for this caller, like those of other workspaces.
  if (run.userId !== userId) throw problem('not_found', 'There is no such run.');
  if (waitSeconds > 0 && run.endedAt === undefined) {
    const [{ workspaceId }, { signal }, ms] = [principal, mcp.mcpReq, waitSeconds * 1000];
    await waitSlots.run(principal, ms, (ending) =>
      engine.waitForRun(workspaceId, runId, ms, { signal: AbortSignal.any([signal, ending]), orWaiting: true }),
    );
    run = await operations.runs.get({ runId });
  }
  // The events contain the pages for people.
  if (includeEvents || run.waitingOn.length > 0) run = await operations.runs.get({ runId, includeEvents: true });
  const urls = pageUrls(run.events);
  return {
    ...pick(run, ['runId', 'status', 'intent', 'summary', 'error', 'createdAt', 'endedAt', 'result']),
    waitingOn: run.waitingOn.map(({ resolveWith: _, ...entry }) => {
      const url = urls.get(entry.approvalId ?? entry.requestId ?? entry.consentId);
      return { ...entry, ...(url !== undefined && { url }) };
    }),
    ...(includeEvents && { events: run.events.slice(-MAX_AGENT_EVENTS) }),
  };
};

/** Pages for people, by the id of their request. */
function pageUrls(events: readonly RunEvent[]): Map<string | undefined, string> {
  const urls = new Map<string | undefined, string>();
  const add = (id: string | undefined, url: string | undefined) => url !== undefined && urls.set(id, url);
  for (const event of events) {
    if (event.type === 'run_approval') add(event.approvalId, event.approvalActions?.[0]?.url);
    else if (event.type === 'question' || event.type === 'input') add(event.requestId, event.url);
    else if (event.type === 'step') add(event.step.approvalId, event.step.approvalActions?.[0]?.url);
    else if (event.type === 'authentication' && event.auth.status === 'required')
      add(event.auth.consentId, event.auth.url);
  }
  return urls;
}
