import { approvalStrategyLabels } from '@errand/contracts/labels';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { ConfirmDialog } from '../../manage/confirm-dialog.tsx';
import { Section } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useAct } from '../../manage/use-act.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import { Fact, Facts } from './fact.tsx';
import { FieldDialog, type SettingName } from './field-dialog.tsx';
import { RequestValues } from './request-values.tsx';
import { TraceFact } from './trace-fact.tsx';
import { AFTER_CHANGE, type Integration } from './use-integration.ts';

/** The settings for people, the values that programs set, and the deletion of the integration. */
export function SettingsTab({ integration }: { integration: Integration }) {
  const [setting, setSetting] = useState<SettingName>();
  const { customerIntegrationId, name, instructions, approvalFloor, active } = integration;
  return (
    <>
      <Section
        title="Settings"
        actions={
          <CodeButton
            title="Change the settings from code"
            operation="integrations.patch"
            input={{ customerIntegrationId, name, active, approvalFloor, instructions: instructions ?? null }}
          />
        }
      >
        <Facts>
          <Changeable name="Name" onChange={() => setSetting('name')}>
            <Text>{name}</Text>
          </Changeable>
          <Changeable name="Guidance" onChange={() => setSetting('instructions')}>
            {instructions === undefined ? (
              <span className="text-dim">None. Planners get it with every plan that may use the integration.</span>
            ) : (
              <span className="whitespace-pre-wrap">
                <Text>{instructions}</Text>
              </span>
            )}
          </Changeable>
          <Changeable name="At least approve" onChange={() => setSetting('approvalFloor')}>
            {approvalStrategyLabels[approvalFloor].label}: {approvalStrategyLabels[approvalFloor].consequence}
          </Changeable>
          <TraceFact integration={integration} />
          <Fact name="Registered">
            <Ago at={integration.createdAt} />
          </Fact>
          <Fact name="Changed">
            <Ago at={integration.updatedAt} />
          </Fact>
        </Facts>
      </Section>
      <RequestValues integration={integration} />
      <Actions integration={integration} />
      {setting && <FieldDialog integration={integration} setting={setting} onClose={() => setSetting(undefined)} />}
    </>
  );
}

type ChangeableProps = { name: string; onChange: () => void; children: React.ReactNode };

function Changeable({ name, onChange, children }: ChangeableProps) {
  const offBecause = useOffReason('connections:write');
  return (
    <Fact name={name}>
      <span className="flex items-start justify-between gap-2">
        <span className="min-w-0 break-words">{children}</span>
        <Button aria-label={`Change: ${name}`} className="!py-0.5" offBecause={offBecause} onClick={onChange}>
          Change
        </Button>
      </span>
    </Fact>
  );
}

type Dialog = 'pause' | 'delete';

function Actions({ integration }: { integration: Integration }) {
  const { customerIntegrationId, active, kind, catalog } = integration;
  const client = useClient();
  const [dialog, setDialog] = useState<Dialog>();
  const offBecause = useOffReason('connections:write');
  const refresh = useAct({
    act: () => client.integrations.refresh.mutate({ customerIntegrationId }),
    done: 'The service was read again.',
    refresh: [...AFTER_CHANGE, ['integration-tools']],
  });
  const turnOn = useAct({
    act: () => client.integrations.patch.mutate({ customerIntegrationId, active: true }),
    done: 'Errands may use it again.',
    refresh: AFTER_CHANGE,
  });
  return (
    <Section title="More">
      <p className="text-dim">
        {kind === 'mcp' ? 'Refresh lists the tools of the server again.' : 'Refresh reads the document again.'} New and
        changed tools are off until you accept them.
        {catalog?.newer !== undefined && ` It also applies the version ${catalog.newer} of the catalogue.`}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button offBecause={offBecause} isBusy={refresh.isBusy} onClick={refresh.run}>
          Refresh
        </Button>
        <CodeButton title="Refresh it from code" operation="integrations.refresh" input={{ customerIntegrationId }} />
        {active ? (
          <Button offBecause={offBecause} onClick={() => setDialog('pause')}>
            Turn it off…
          </Button>
        ) : (
          <Button offBecause={offBecause} isBusy={turnOn.isBusy} onClick={turnOn.run}>
            Turn it on
          </Button>
        )}
        <Button look="danger" offBecause={offBecause} onClick={() => setDialog('delete')}>
          Delete…
        </Button>
      </div>
      {dialog === 'pause' && <PauseDialog integration={integration} onClose={() => setDialog(undefined)} />}
      {dialog === 'delete' && <DeleteDialog integration={integration} onClose={() => setDialog(undefined)} />}
    </Section>
  );
}

type DialogProps = { integration: Integration; onClose: () => void };

function PauseDialog({ integration: { customerIntegrationId, name }, onClose }: DialogProps) {
  const client = useClient();
  return (
    <ConfirmDialog
      title="Turn the integration off?"
      verb="Turn off"
      act={() => client.integrations.patch.mutate({ customerIntegrationId, active: false })}
      done="Errands may not use it any more."
      refresh={AFTER_CHANGE}
      onClose={onClose}
    >
      <p>
        Errands may not use <Text>{name}</Text> until it is turned on again. Its tools, credentials and settings stay.
      </p>
    </ConfirmDialog>
  );
}

function DeleteDialog({ integration: { customerIntegrationId, name }, onClose }: DialogProps) {
  const client = useClient();
  const navigate = useNavigate();
  const workspaceId = useWorkspaceId();
  return (
    <ConfirmDialog
      title="Delete the integration?"
      verb="Delete"
      typed={name}
      act={() => client.integrations.delete.mutate({ customerIntegrationId })}
      done="The integration is deleted."
      refresh={[]}
      onClose={onClose}
      onDone={() => void navigate({ to: '/w/$workspaceId/integrations', params: { workspaceId } })}
    >
      <p>
        <Text>{name}</Text>, its tools and all credentials of its users are deleted. Errands that used it keep their
        events; those that still need it fail. This cannot be undone.
      </p>
    </ConfirmDialog>
  );
}
