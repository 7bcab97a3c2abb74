import { integrationFaultLabels } from '@errand/contracts/labels';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Badge } from '../../display/badge.tsx';
import { ServiceLogo } from '../../display/service-logo.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import type { IntegrationState } from '../../session/integration-states.ts';
import type { Integration } from '../../session/integrations.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';

type IntegrationCardProps = {
  integration: Integration;
  state: IntegrationState | undefined;
  isPending: boolean;
};

/** One service: what it offers, who uses it, and how it is. */
export function IntegrationCard({ integration, state, isPending }: IntegrationCardProps) {
  const workspaceId = useWorkspaceId();
  const { customerIntegrationId, name, kind, host, logoPath, active, enabledToolCount, toolCount } = integration;
  return (
    <li className="relative flex min-w-0 flex-col gap-2 rounded-xl border border-line bg-pane p-3 hover:border-edge">
      <div className="flex min-w-0 items-center gap-3">
        <ServiceLogo name={name} path={logoPath} />
        <div className="min-w-0">
          <h2 className="font-semibold break-words">
            <Link
              to="/w/$workspaceId/integrations/$customerIntegrationId"
              params={{ workspaceId, customerIntegrationId }}
              className="after:absolute after:inset-0 after:rounded-xl"
            >
              <Text>{name}</Text>
            </Link>
          </h2>
          <p className="break-all text-dim">
            {kind === 'mcp' ? 'MCP server' : 'OpenAPI'} · <Text>{host}</Text>
          </p>
        </div>
      </div>
      <p>
        {enabledToolCount} of {toolCount} tools on
        {state !== undefined && integration.authType !== 'NONE' && <> · {usersText(state)}</>}
      </p>
      <Calls state={state} isPending={isPending} />
      <Marks state={state} isActive={active} />
    </li>
  );
}

/** More users are not counted. */
const MAX_COUNTED = 10_000;

function usersText({ usersConnected: count }: IntegrationState): string {
  if (count >= MAX_COUNTED) return 'more than 10,000 users connected';
  return count === 1 ? '1 user connected' : `${count} users connected`;
}

function Calls({ state, isPending }: { state: IntegrationState | undefined; isPending: boolean }) {
  if (!state) return <p className="text-dim">{isPending ? 'Reading its calls…' : 'Its calls are unknown.'}</p>;
  const { calls, errors } = state.recent;
  const { lastFailureAt } = state.calls ?? {};
  return (
    <p className="text-dim">
      {calls === 0
        ? 'No calls since yesterday'
        : `${shareOf(calls - errors, calls)} of ${calls} calls succeeded since yesterday`}
      {errors > 0 && (
        <>
          , <span className="text-bad">{errors === 1 ? '1 error' : `${errors} errors`}</span>
        </>
      )}
      {lastFailureAt !== undefined && (
        <>
          , last failure <Ago at={lastFailureAt} />
        </>
      )}
    </p>
  );
}

/** "98.3 %". It says 100 % only if it is. */
function shareOf(part: number, whole: number): string {
  const percent = (part / whole) * 100;
  return `${percent === 100 ? 100 : Math.min(99.9, Math.round(percent * 10) / 10)} %`;
}

function Marks({ state, isActive }: { state: IntegrationState | undefined; isActive: boolean }) {
  const { limitedUntil, outageUntil } = state?.calls ?? {};
  const marks: { key: string; look: 'plain' | 'wait' | 'bad'; text: ReactNode }[] = [
    ...(isActive ? [] : [{ key: 'off', look: 'plain' as const, text: 'off' }]),
    ...(state?.faults ?? []).map((fault) => ({
      key: fault,
      look: fault === 'failing' || fault === 'token_rejected' ? ('bad' as const) : ('wait' as const),
      text: integrationFaultLabels[fault].label,
    })),
    ...(outageUntil === undefined
      ? []
      : [
          {
            key: 'outage',
            look: 'bad' as const,
            text: (
              <>
                stopped, tried again <Ago at={outageUntil} />
              </>
            ),
          },
        ]),
    ...(limitedUntil === undefined
      ? []
      : [
          {
            key: 'limit',
            look: 'wait' as const,
            text: (
              <>
                at its limit, on <Ago at={limitedUntil} />
              </>
            ),
          },
        ]),
  ];
  if (state && marks.length === 0)
    return (
      <p className="mt-auto">
        <Badge look="good">well</Badge>
      </p>
    );
  return (
    <ul aria-label="State" className="mt-auto flex flex-wrap gap-1">
      {marks.map(({ key, look, text }) => (
        <li key={key}>
          <Badge look={look}>{text}</Badge>
        </li>
      ))}
    </ul>
  );
}
