// The verification of a page: at most one worker, which ends with the page.
import { useEffect, useRef, useState } from 'react';
import { problemFor } from '../../../session/problem.ts';
import { readToken } from '../../../session/token.ts';
import { useWorkspaceId } from '../../../session/workspace.tsx';
import type { Order, Report } from './messages.ts';
import { readSeen, storeSeen } from './seen.ts';
import { type Progress, startAt } from './verify.ts';

export type Verification =
  | { state: 'none' }
  | { state: 'running' | 'stopped' | 'done'; progress: Progress }
  | { state: 'failed'; progress: Progress; problem: ReturnType<typeof problemFor> };

export function useVerification() {
  const workspaceId = useWorkspaceId();
  const worker = useRef<Worker>(undefined);
  const [verification, setVerification] = useState<Verification>({ state: 'none' });
  useEffect(() => () => worker.current?.terminate(), []);
  const start = (from: Progress) => {
    worker.current?.terminate();
    const next = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'audit' });
    worker.current = next;
    setVerification({ state: 'running', progress: from });
    next.onmessage = ({ data }: MessageEvent<Report>) => {
      setVerification((before) => verificationAfter(before, data));
      if (data.type === 'progress') return;
      next.terminate();
      if (data.type === 'done' && data.progress.faultCount === 0) storeSeen(workspaceId, data.progress.last);
    };
    const order: Order = { workspaceId, token: readToken(), from, seen: readSeen(workspaceId) };
    next.postMessage(order);
  };
  const stop = () => {
    worker.current?.terminate();
    setVerification((before) => ('progress' in before ? { state: 'stopped', progress: before.progress } : before));
  };
  return { verification, seen: readSeen(workspaceId), startAll: () => start(startAt()), continueFrom: start, stop };
}

function verificationAfter(before: Verification, report: Report): Verification {
  if (report.type === 'failed')
    return {
      state: 'failed',
      progress: 'progress' in before ? before.progress : startAt(),
      problem: problemFor(report.problem),
    };
  return { state: report.type === 'done' ? 'done' : 'running', progress: report.progress };
}
