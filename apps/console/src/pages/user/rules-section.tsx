// The calls of a user that need no approval.
import type { Outputs } from '@errand/client/console';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { JsonText } from '../../decide/panel-parts.tsx';
import { Badge } from '../../display/badge.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { ConfirmDialog } from '../../manage/confirm-dialog.tsx';
import { type Column, ListView } from '../../manage/list-view.tsx';
import { Section } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useCursorList } from '../../manage/use-cursor-list.ts';
import { useClient } from '../../session/workspace.tsx';
import { NewRuleDialog } from './new-rule-dialog.tsx';

type Rule = Outputs['approvalRules']['list']['approvalRules'][number];
type Opened = { dialog: 'create' } | { dialog: 'revoke'; rule: Rule };

const RULES = [['approval rules']];

export function RulesSection({ userId }: { userId: string }) {
  const off = useOffReason('approvals:decide');
  const [opened, open] = useState<Opened>();
  const [showsEnded, setShowsEnded] = useState(false);
  const close = () => open(undefined);
  return (
    <Section
      title="Approval rules"
      actions={
        <>
          <Button aria-pressed={showsEnded} offBecause={off} onClick={() => setShowsEnded(!showsEnded)}>
            {showsEnded ? 'Hide ended rules' : 'Show ended rules'}
          </Button>
          <CodeButton
            title="List the rules from code"
            operation="approvalRules.list"
            input={{ userId, active: true }}
          />
          <Button offBecause={off} onClick={() => open({ dialog: 'create' })}>
            New rule
          </Button>
        </>
      }
    >
      {off === undefined ? (
        <RuleList userId={userId} showsEnded={showsEnded} onRevoke={(rule) => open({ dialog: 'revoke', rule })} />
      ) : (
        <p className="text-dim">{off}</p>
      )}
      {opened?.dialog === 'create' && <NewRuleDialog userId={userId} refresh={RULES} onClose={close} />}
      {opened?.dialog === 'revoke' && <RevokeDialog rule={opened.rule} onClose={close} />}
    </Section>
  );
}

type RuleListProps = { userId: string; showsEnded: boolean; onRevoke: (rule: Rule) => void };

function RuleList({ userId, showsEnded, onRevoke }: RuleListProps) {
  const client = useClient();
  const list = useCursorList({
    key: ['approval rules', userId, showsEnded],
    read: async (page, signal) => {
      const filter = { userId, ...(!showsEnded && { active: true }) };
      const { approvalRules, nextCursor } = await client.approvalRules.list.query({ ...filter, ...page }, { signal });
      return { items: approvalRules, nextCursor };
    },
  });
  return (
    <ListView
      label="Rules of the user"
      list={list}
      columns={columnsOf(onRevoke)}
      keyOf={({ approvalRuleId }) => approvalRuleId}
      empty="No rule is for this user alone. “Always for this tool” in the inbox makes one; rules for every user also apply."
    />
  );
}

const columnsOf = (revoke: (rule: Rule) => void): Column<Rule>[] => [
  {
    name: 'Tool',
    isMain: true,
    cell: ({ tool, reason }) => (
      <span className="flex min-w-0 flex-col">
        <code className="font-mono text-sm break-all">{tool}</code>
        {reason !== undefined && (
          <span className="text-dim">
            <Text>{reason}</Text>
          </span>
        )}
      </span>
    ),
  },
  { name: 'Arguments', cell: ({ argsSchema }) => <Arguments schema={argsSchema} /> },
  { name: 'State', cell: ({ state }) => <Badge look={state === 'active' ? 'good' : 'plain'}>{STATES[state]}</Badge> },
  { name: 'Made by', cell: ({ createdBy }) => <Text>{createdBy}</Text> },
  { name: 'Ends', cell: ({ expiresAt, revokedAt }) => <Ago at={revokedAt ?? expiresAt} /> },
  { name: '', cell: (rule) => <RevokeButton rule={rule} onClick={() => revoke(rule)} /> },
];

const STATES: Readonly<Record<Rule['state'], string>> = {
  active: 'applies',
  expired: 'expired',
  revoked: 'revoked',
  tool_changed: 'the tool has changed',
};

const Arguments = ({ schema }: { schema: Rule['argsSchema'] }) =>
  schema === undefined ? (
    <span>any</span>
  ) : (
    <details>
      <summary className="text-dim">some values</summary>
      <JsonText value={schema} />
    </details>
  );

const RevokeButton = ({ rule: { tool, state }, onClick }: { rule: Rule; onClick: () => void }) =>
  state === 'active' && (
    <Button look="quiet" className="!text-bad" aria-label={`Revoke the rule for ${tool}`} onClick={onClick}>
      Revoke
    </Button>
  );

function RevokeDialog({ rule: { approvalRuleId, tool }, onClose }: { rule: Rule; onClose: () => void }) {
  const client = useClient();
  return (
    <ConfirmDialog
      title="Revoke the rule"
      verb="Revoke"
      act={() => client.approvalRules.revoke.mutate({ approvalRuleId })}
      done="The rule is revoked."
      refresh={RULES}
      onClose={onClose}
    >
      <p>
        Calls of <code className="font-mono text-sm break-all">{tool}</code> need approval again within a second.
      </p>
    </ConfirmDialog>
  );
}
