// A new integration in steps: which service, what it offers, how calls authenticate, which tools, and a first errand.
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Page } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { AccessStep } from './access/access-step.tsx';
import { type Draft, draftOfInspection, draftOfService, EMPTY_FORM, type SourceForm } from './draft.ts';
import { FoundStep } from './found/found-step.tsx';
import { DoneStep } from './registered/done-step.tsx';
import { ToolsStep } from './registered/tools-step.tsx';
import { currentStep, type NewIntegrationSearch } from './search.ts';
import { SourceStep } from './source/source-step.tsx';
import { StepList } from './step-frame.tsx';

const route = getRouteApi('/w/$workspaceId/integrations/new');

export function NewIntegrationPage() {
  const search = route.useSearch();
  const off = useOffReason('connections:write');
  const [form, setForm] = useState<SourceForm>(EMPTY_FORM);
  const [draft, setDraft] = useState<Draft>();
  const step = currentStep(search, draft !== undefined);
  return (
    <Page title="Add an integration">
      {off !== undefined && <p>{off}</p>}
      <StepList current={step} />
      <Steps search={search} form={form} onForm={setForm} draft={draft} onDraft={setDraft} />
    </Page>
  );
}

type StepsProps = {
  search: NewIntegrationSearch;
  form: SourceForm;
  onForm: (form: SourceForm) => void;
  draft: Draft | undefined;
  onDraft: (draft: Draft | undefined) => void;
};

function Steps({ search, form, onForm, draft, onDraft }: StepsProps) {
  const go = useGo();
  const step = currentStep(search, draft !== undefined);
  const found = (made: Draft) => {
    onDraft(made);
    go({ ...search, step: 'found' });
  };
  if (search.id !== undefined && step === 'done') return <DoneStep customerIntegrationId={search.id} />;
  if (search.id !== undefined)
    return <ToolsStep customerIntegrationId={search.id} onNext={() => go({ step: 'done', id: search.id })} />;
  if (draft && step === 'found')
    return (
      <FoundStep
        draft={draft}
        onChange={onDraft}
        onBack={() => go({ ...search, step: 'source' })}
        onNext={() => go({ ...search, step: 'access' })}
      />
    );
  if (draft && step === 'access')
    return (
      <AccessStep
        draft={draft}
        onChange={(change) => onDraft({ ...draft, ...change })}
        onBack={() => go({ ...search, step: 'found' })}
        onRegistered={(id) => {
          // Nothing that was typed stays in this page, secrets above all.
          onDraft(undefined);
          onForm(EMPTY_FORM);
          go({ step: 'tools', id }, true);
        }}
      />
    );
  return (
    <SourceStep
      from={search.from ?? 'catalog'}
      words={search.q}
      form={form}
      takesFocus={draft !== undefined}
      onFrom={(from) => go({ from, ...(search.q !== undefined && { q: search.q }) }, true)}
      onSearch={(q) => go({ ...(search.from && { from: search.from }), ...(q !== undefined && { q }) }, true)}
      onChange={(change) => onForm({ ...form, ...change })}
      onService={(service) => found(draftOfService(service, service.kinds[0] ?? 'openapi'))}
      onFound={(inspection, input, { token, fileName } = {}) =>
        found(draftOfInspection({ from: 'inspection', inspection, input, ...(fileName && { fileName }) }, token))
      }
    />
  );
}

/** Changes the address; Back returns to the step before. */
function useGo() {
  const navigate = useNavigate({ from: '/w/$workspaceId/integrations/new' });
  return (
    { step, from, q, id }: { [K in keyof NewIntegrationSearch]: NewIntegrationSearch[K] | undefined },
    replace = false,
  ) =>
    void navigate({
      search: {
        ...(step && step !== 'source' && { step }),
        ...(from && { from }),
        ...(q !== undefined && { q }),
        ...(id !== undefined && { id }),
      },
      replace,
    });
}
