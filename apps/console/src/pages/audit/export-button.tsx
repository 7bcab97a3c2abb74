import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { toast } from '../../controls/toast.tsx';
import { download } from '../../display/download.ts';
import { problemFor } from '../../session/problem.ts';
import { useClient } from '../../session/workspace.tsx';
import { PAGE, readLines } from './export.ts';
import { type AuditFilters, inputOf } from './search.ts';

/** Saves the entries of the filters as lines of JSON, and can be stopped. */
export function ExportButton({ filters }: { filters: AuditFilters }) {
  const client = useClient();
  const running = useRef<AbortController>(undefined);
  const [count, setCount] = useState<number>();
  useEffect(() => () => running.current?.abort(), []);
  const start = async () => {
    const stop = new AbortController();
    running.current = stop;
    setCount(0);
    try {
      const { parts, ...exported } = await readLines(
        (cursor, signal) => client.audit.list.query({ ...inputOf(filters), pageSize: PAGE, cursor }, { signal }),
        stop.signal,
        setCount,
      );
      download('audit.jsonl', 'application/x-ndjson', parts);
      const entries = `${exported.count.toLocaleString()} entries`;
      toast(
        exported.isCut
          ? `The file has the newest ${entries}. Choose an earlier "To" for the others.`
          : `The file has ${entries}.`,
      );
    } catch (error) {
      if (!stop.signal.aborted) toast(problemFor(error).detail, { isBad: true });
    }
    setCount(undefined);
  };
  if (count === undefined)
    return (
      <Button title="Download the entries of the filters, as lines of JSON" onClick={() => void start()}>
        <Download size={14} aria-hidden="true" />
        <span className="max-lg:sr-only">Export</span>
      </Button>
    );
  return (
    <span role="status" className="flex items-center gap-2">
      {count.toLocaleString()} entries
      <Button onClick={() => running.current?.abort()}>Stop the export</Button>
    </span>
  );
}
