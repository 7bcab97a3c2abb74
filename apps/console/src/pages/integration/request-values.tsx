import { CodeButton } from '../../code/code-button.tsx';
import { JsonView } from '../../display/json-view.tsx';
import { Section } from '../../manage/page.tsx';
import type { Integration } from './use-integration.ts';

const PARTS = {
  variables: 'Variables',
  headers: 'Headers of every call',
  query: 'Query parameters of every call',
  arguments: 'Fixed arguments',
  rules: 'Rules',
} as const;

/** What programs have set for every call. Secret values are not among them. */
export function RequestValues({ integration }: { integration: Integration }) {
  const { customerIntegrationId, variables, headers, query, arguments: fixed, rules } = integration;
  const values = { variables, headers, query, arguments: fixed, rules };
  const parts = Object.entries(PARTS).filter(([name]) => values[name as keyof typeof PARTS] !== undefined);
  return (
    <Section
      title="Values of every call"
      actions={
        <CodeButton
          title="Change these values from code"
          operation="integrations.patch"
          input={{ customerIntegrationId, headers: headers ?? { 'Api-Version': '2026-01' } }}
          note="Each field replaces its values; null removes them."
        />
      }
    >
      {parts.length === 0 ? (
        <p className="text-dim">
          None. A program can add headers, query parameters, fixed arguments, variables and rules.
        </p>
      ) : (
        parts.map(([name, title]) => (
          <div key={name} className="flex min-w-0 flex-col gap-1">
            <h3 className="text-dim">{title}</h3>
            <JsonView value={values[name as keyof typeof PARTS]} fileName={name} />
          </div>
        ))
      )}
    </Section>
  );
}
