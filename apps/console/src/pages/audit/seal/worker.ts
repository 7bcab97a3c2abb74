// Verifies the chain of the audit log in a thread of its own, so that the page stays responsive.
import { createConsoleClient, problemOf } from '@errand/client/console';
import type { Order, Report } from './messages.ts';
import { type Progress, verifyChain } from './verify.ts';

declare const self: {
  location: Location;
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage: (report: Report) => void;
};

const PAGE = 1000;
/** The page shows the progress this often, in ms. */
const REPORT_MS = 200;

self.onmessage = async ({ data: { workspaceId, token, from, seen } }) => {
  const client = createConsoleClient({ origin: self.location.origin, token: () => token, workspaceId });
  let reportedAt = 0;
  const report = (progress: Progress) => {
    if (performance.now() - reportedAt < REPORT_MS) return;
    reportedAt = performance.now();
    self.postMessage({ type: 'progress', progress });
  };
  try {
    const progress = await verifyChain({
      read: (afterSeq) => client.audit.chain.query({ afterSeq, pageSize: PAGE }),
      digest,
      from,
      seen,
      onProgress: report,
    });
    self.postMessage({ type: 'done', progress });
  } catch (error) {
    self.postMessage({ type: 'failed', problem: problemOf(error) });
  }
};

const encoder = new TextEncoder();

async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
