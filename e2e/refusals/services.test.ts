// Services with excessive answers: the memory of the process that reads them does not grow.
import { execFileSync } from 'node:child_process';
import { createBrotliCompress, createGzip } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { json, type Stub, type StubOperation, startStub } from '../fixtures/stub.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

const MIB = 1024 * 1024;
/** 512 MiB of one letter, compressed while it is sent. */
const bomb =
  (coding: string, pack: () => NodeJS.ReadWriteStream): StubOperation['answer'] =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': coding });
    const packed = pack();
    packed.pipe(response);
    response.on('close', () => packed.end());
    let bytesLeft = 512;
    const chunk = Buffer.alloc(MIB, 'a');
    const more = () => {
      while (bytesLeft > 0 && !response.destroyed) {
        bytesLeft--;
        if (!packed.write(chunk)) return void packed.once('drain', more);
      }
      packed.end();
    };
    more();
  };
const endless: StubOperation['answer'] = (response) => {
  response.writeHead(200, { 'content-type': 'text/plain' });
  const chunk = Buffer.alloc(64 * 1024, 'a');
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
};

let stack: Stack;
let stub: Stub;
let api: Api;
let id: string;
beforeAll(async () => {
  stub = await startStub({
    gzip: { answer: bomb('gzip', createGzip) },
    brotli: { answer: bomb('br', () => createBrotliCompress({ params: { 0: 1 } })) },
    endless: { answer: endless },
    nested: { answer: (response) => void response.writeHead(200).end(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) },
    look: { answer: (response) => json(response, { fine: true }) },
  });
  stack = await startStack({ seed: false, allow: [stub.origin] });
  api = overRest(stack);
  const { document } = stub;
  const auth = { type: 'NONE' } as const;
  id = (await api.integrations.create({ name: 'Stub', document, auth })).customerIntegrationId;
  return () => Promise.all([stack.close(), stub.close()]);
});

const call = async (operation: string) => (await carryOut(api, aRun({ plan: aPlan(`${id}.${operation}`) }))).run;
/** Resident memory of the service, in MiB. */
const memory = () => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(stack.pid)]).toString()) / 1024;

test.each(['gzip', 'brotli', 'nested'])('%s ends with its own code, and memory stays flat', async (operation) => {
  expect(await call('look')).toMatchObject({ status: 'SUCCESS' });
  const before = memory();
  const runs = await Promise.all(Array.from({ length: 4 }, () => call(operation)));
  for (const run of runs) expect(run).toMatchObject({ status: 'FAILED', error: { code: 'upstream_too_large' } });
  expect(memory() - before).toBeLessThan(150);
});

test('an endless text is cut, and stored up to the limit', async () => {
  const before = memory();
  const plan = aPlan(`${id}.endless`, { result: { length: { $: '$length(steps.only.output)' } } });
  const { run } = await carryOut(api, aRun({ plan }));
  expect(run.status).toBe('SUCCESS');
  const { length } = run.result as { length: number };
  expect([length > 200 * 1024, length < 270 * 1024]).toEqual([true, true]);
  expect(memory() - before).toBeLessThan(150);
});
