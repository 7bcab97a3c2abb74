// Behaviour after long times. All tests wait concurrently.
import { beforeAll, describe, expect, test } from 'vitest';
import { aPlan, aRun } from './fixtures/builders.ts';
import { openStream } from './fixtures/frames.ts';
import { talk } from './fixtures/talk.ts';
import { overRest } from './fixtures/transports.ts';
import { openWorkspace, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
let release: () => void;
beforeAll(async () => {
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  workspace = await openWorkspace({ crm: { onRequest: () => gate } });
  return () => {
    release();
    return workspace.close();
  };
});

const HOST = 'Host: errand';
const TYPE = 'Content-Type: application/json';

describe.concurrent('waiting', () => {
  // The two limits of the service, 10 and 30 s, are not configurable.
  test('headers that drip are cut off after 10 s', async () => {
    const { text, ms } = await talk(workspace.url, `GET /v1/runs HTTP/1.1\r\n${HOST}\r\nX-Slow: `, 'a');
    expect(text).toMatch(/^HTTP\/1.1 408 /);
    expect(text).toContain('"code":"request_timeout"');
    expect(ms).toBeGreaterThan(9_000);
    expect(ms).toBeLessThan(13_000);
  });

  test('a body that drips is cut off after 30 s', async () => {
    const { text, ms } = await talk(
      workspace.url,
      `POST /v1/runs HTTP/1.1\r\n${HOST}\r\n${TYPE}\r\nContent-Length: 1000\r\n\r\n`,
      ' ',
    );
    expect(text).toMatch(/^HTTP\/1.1 408 /);
    expect(ms).toBeGreaterThan(29_000);
    expect(ms).toBeLessThan(35_000);
  });

  test('an idle stream sends a keepalive every 20 s', async () => {
    const api = overRest(workspace);
    const [crm] = (await api.integrations.list({})).integrations;
    const plan = aPlan(`${crm!.customerIntegrationId}.listUsers`);
    const { runId } = await api.runs.create(aRun({ plan }));
    const stream = await openStream(workspace, runId);
    const started = Date.now();
    let frame = await stream.next();
    while (frame && frame.event !== 'keepalive') frame = await stream.next();

    expect(frame).toEqual({ event: 'keepalive', data: 'null' });
    expect(Date.now() - started).toBeLessThan(25_000);
    stream.cut();
    await api.runs.cancel({ runId });
  });
});
