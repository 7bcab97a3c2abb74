import { useState } from 'react';
import { CodeButton } from '../../../code/code-button.tsx';
import { Button } from '../../../controls/button.tsx';
import { TextInput } from '../../../controls/field.tsx';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { Text } from '../../../display/text.tsx';
import { Empty } from '../../../manage/list-view.tsx';
import { useOffReason } from '../../../manage/rights.ts';
import { useAct } from '../../../manage/use-act.ts';
import { useClient } from '../../../session/workspace.tsx';
import type { Tool } from '../../integration/tools/use-tools.ts';
import { EffectBadge } from '../found/inspection-facts.tsx';

/** Rows at first, and with each "Show more". */
const STEP = 100;

type ToolChoiceProps = { customerIntegrationId: string; tools: readonly Tool[]; onNext: () => void };

/** Which tools runs may see and call. Those that are on now are chosen at first: the reads, or the recommended ones. */
export function ToolChoice({ customerIntegrationId, tools, onNext }: ToolChoiceProps) {
  const client = useClient();
  const off = useOffReason('connections:write');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => namesOf(tools.filter(({ enabled }) => enabled)));
  const input = { customerIntegrationId, enabled: [...chosen] };
  const { run, isBusy, error } = useAct({
    act: () => client.integrations.setTools.mutate(input),
    refresh: [['integrations'], ['integration-tools']],
    onDone: onNext,
    showsProblem: true,
  });
  const toggle = (name: string) =>
    setChosen((before) =>
      before.has(name) ? new Set([...before].filter((each) => each !== name)) : new Set([...before, name]),
    );
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <p>
        Errands see and call the tools that are on, and no others. Writes follow the approvals of the errand, so it is
        safe to turn some on later.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setChosen(namesOf(tools))}>All</Button>
        <Button onClick={() => setChosen(namesOf(tools.filter(isRead)))}>Those that read</Button>
        <Button onClick={() => setChosen(new Set())}>None</Button>
      </div>
      <ToolList tools={tools} chosen={chosen} onToggle={toggle} />
      {error != null && <ProblemNote error={error} />}
      <div className="flex flex-wrap gap-2">
        <Button look="accent" isBusy={isBusy} offBecause={off} onClick={run}>
          {chosen.size === 1 ? 'Turn 1 tool on' : `Turn ${chosen.size.toLocaleString()} tools on`}
        </Button>
        <CodeButton title="Choose the tools from code" operation="integrations.setTools" input={input} />
      </div>
    </div>
  );
}

const namesOf = (tools: readonly Tool[]): ReadonlySet<string> => new Set(tools.map(({ name }) => name));

/** A tool that counts as a read, but whose words say that it changes something, is no read. */
const isRead = ({ effect, proposedEffect }: Tool): boolean => effect === 'read' && proposedEffect !== 'write';

type ToolListProps = { tools: readonly Tool[]; chosen: ReadonlySet<string>; onToggle: (name: string) => void };

function ToolList({ tools, chosen, onToggle }: ToolListProps) {
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(STEP);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const listed = tools.filter(({ name, title = '', description = '' }) => {
    const all = `${name} ${title} ${description}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
  return (
    <>
      <TextInput
        type="search"
        aria-label="Search the tools"
        placeholder="Search"
        className="!w-56"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <p role="status" className="text-dim">
        {chosen.size.toLocaleString()} of {tools.length.toLocaleString()} are on
        {words.length > 0 && `; ${listed.length.toLocaleString()} match`}.
      </p>
      {listed.length === 0 && <Empty>No tool matches.</Empty>}
      {listed.length > 0 && (
        <ul aria-label="Tools" className="divide-y divide-line rounded-xl border border-line bg-pane">
          {listed.slice(0, limit).map((tool) => (
            <ToolRow key={tool.name} tool={tool} isOn={chosen.has(tool.name)} onToggle={() => onToggle(tool.name)} />
          ))}
        </ul>
      )}
      {listed.length > limit && (
        <Button className="self-center" onClick={() => setLimit(limit + STEP)}>
          Show more
        </Button>
      )}
    </>
  );
}

const MAX_DESCRIPTION = 200;

function ToolRow({ tool, isOn, onToggle }: { tool: Tool; isOn: boolean; onToggle: () => void }) {
  const { name, title, description = '', effect } = tool;
  const operation = name.slice(name.indexOf('.') + 1);
  const about = description === title ? '' : description.slice(0, MAX_DESCRIPTION);
  return (
    <li>
      <label className="flex cursor-pointer items-start gap-3 px-3 py-2 hover:bg-soft">
        <input type="checkbox" className="mt-1" checked={isOn} onChange={onToggle} />
        <span className="min-w-0 flex-1">
          <span className="block font-semibold break-words">
            <Text>{title ?? operation}</Text>
          </span>
          {title !== undefined && (
            <code className="block font-mono text-sm break-all text-dim">
              <Text>{operation}</Text>
            </code>
          )}
          {about !== '' && (
            <span className="block break-words text-dim">
              <Text>{about.length < description.length ? `${about}…` : about}</Text>
            </span>
          )}
        </span>
        <EffectBadge effect={effect} />
      </label>
    </li>
  );
}
