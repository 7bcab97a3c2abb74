import { CodeButton } from '../../../code/code-button.tsx';
import { Button } from '../../../controls/button.tsx';
import { Field, TextInput } from '../../../controls/field.tsx';
import { useOffReason } from '../../../manage/rights.ts';
import { useAct } from '../../../manage/use-act.ts';
import { useClient } from '../../../session/workspace.tsx';
import { TraceSwitch } from '../../integration/trace-switch.tsx';
import { createInput, type Draft, fieldsOfDraft, kindOf, MAX_NAME, missingIn } from '../draft.ts';
import { Refusal } from '../refusal.tsx';
import { StepFrame } from '../step-frame.tsx';
import { GiverChoice, TypeChoice } from './choices.tsx';
import { CredentialFields } from './credential-fields.tsx';
import { RedirectUri } from './redirect-uri.tsx';
import { VariableFields } from './variable-fields.tsx';

type AccessStepProps = {
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
  onBack: () => void;
  /** Called with the id of the registered integration. */
  onRegistered: (customerIntegrationId: string) => void;
};

/** The name, the credential and the variables; then the registration. */
export function AccessStep({ draft, onChange, onBack, onRegistered }: AccessStepProps) {
  const client = useClient();
  const off = useOffReason('connections:write');
  const { run, isBusy, error } = useAct({
    act: () => client.integrations.create.mutate(createInput(draft)),
    refresh: [['integrations']],
    onDone: ({ customerIntegrationId }) => onRegistered(customerIntegrationId),
    showsProblem: true,
  });
  const offBecause = off ?? missingIn(draft);
  return (
    <StepFrame
      title="How do calls authenticate?"
      about="Errand stores secrets sealed, never shows them again, and sends them to this service alone."
    >
      <form
        className="flex max-w-2xl flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy && offBecause === undefined) run();
        }}
      >
        <AccessFields draft={draft} onChange={onChange} />
        {error != null && <Refusal error={error} onRetry={run} />}
        <div className="flex flex-wrap gap-2">
          <Button onClick={onBack}>Back</Button>
          <Button type="submit" look="accent" isBusy={isBusy} offBecause={offBecause}>
            Register
          </Button>
          <CodeButton
            title="Register the integration from code"
            operation="integrations.create"
            input={createInput(draft, { isProgram: true })}
            note="Replace the parts in angle brackets by your secrets. Each call registers another integration."
          />
        </div>
        <p className="text-dim">
          Registering makes a tool of each operation and turns on {turnedOn(draft)}. The next step changes the choice.
        </p>
      </form>
    </StepFrame>
  );
}

const turnedOn = ({ source }: Draft): string =>
  source.from === 'catalog' && source.kind === 'openapi' ? 'the recommended ones' : 'those that only read';

function AccessFields({ draft, onChange }: Pick<AccessStepProps, 'draft' | 'onChange'>) {
  const { source, access, name, baseUrl, traceparent } = draft;
  return (
    <>
      <Field label="Name" hint="For people and planners.">
        {(control) => (
          <TextInput
            {...control}
            required
            maxLength={MAX_NAME}
            value={name}
            onChange={({ target }) => onChange({ name: target.value })}
          />
        )}
      </Field>
      <TypeChoice source={source} access={access} onChange={(changed) => onChange({ access: changed })} />
      <GiverChoice access={access} onChange={(changed) => onChange({ access: changed })} />
      {access.type === 'OAUTH2' && <RedirectUri isMcp={kindOf(source) === 'mcp'} />}
      <CredentialFields
        fields={fieldsOfDraft(draft)}
        values={access.values}
        onChange={(values) => onChange({ access: { ...access, values } })}
      />
      {source.from === 'inspection' && kindOf(source) === 'openapi' && (
        <Field
          label="Address of its calls"
          hint="Empty: as the document says. {name} stands for a value that differs, such as https://{shop}.example.com."
        >
          {(control) => (
            <TextInput
              {...control}
              maxLength={2000}
              placeholder={source.inspection.baseUrl}
              value={baseUrl}
              onChange={({ target }) => onChange({ baseUrl: target.value })}
            />
          )}
        </Field>
      )}
      <VariableFields draft={draft} onChange={(variables) => onChange({ variables })} />
      <div>
        <p className="mb-1 font-semibold">Trace</p>
        <TraceSwitch
          kind={kindOf(source)}
          isOn={traceparent}
          onToggle={() => onChange({ traceparent: !traceparent })}
        />
      </div>
    </>
  );
}
