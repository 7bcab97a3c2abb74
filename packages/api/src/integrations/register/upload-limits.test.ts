import { expect, test } from 'vitest';
import { bodyWithin, LargeUploads } from './upload-limits.ts';

const never = new Promise<never>(() => {});
async function collect(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of body) text += Buffer.from(piece).toString();
  return text;
}

test('a body that stops is refused, and a complete one is read', async () => {
  async function* slow() {
    yield Buffer.from('{');
    await never;
  }
  await expect(collect(bodyWithin(slow(), 10))).rejects.toMatchObject({ code: 'request_timeout' });
  async function* whole() {
    yield Buffer.from('{');
    yield Buffer.from('}');
  }
  expect(await collect(bodyWithin(whole()))).toBe('{}');
});

test('a workspace has two large uploads at once, and one that ends or fails frees its place', async () => {
  const uploads = new LargeUploads();
  const ends: (() => void)[] = [];
  const begin = (workspaceId: string) =>
    uploads.run(workspaceId, () => new Promise<void>((resolve) => ends.push(resolve)));
  const running = [begin('a'), begin('a')];
  await expect(begin('a')).rejects.toMatchObject({ code: 'too_many_imports' });
  running.push(begin('b'));
  expect(ends).toHaveLength(3);
  ends[0]!();
  await running[0];
  const failing = uploads.run('a', () => Promise.reject(new Error('aborted')));
  await expect(failing).rejects.toThrow('aborted');
  running.push(begin('a'));
  expect(ends).toHaveLength(4);
  await expect(begin('a')).rejects.toMatchObject({ code: 'too_many_imports' });
  for (const end of ends) end();
  await Promise.all(running);
});
