import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const image = new Uint8Array([1, 2, 3]);
const logo = { image, type: 'image/png', sha256: 'ab'.repeat(32) } as const;

test('parts of a brand change one by one, and the audit log has them without the image', async () => {
  const { workspaceId } = await db.workspaces.create('brand');
  const { brand, audit } = db.forWorkspace(workspaceId);
  expect(await brand.get()).toEqual({ name: null, color: null, logo: null, updatedAt: null });
  await brand.set({ name: 'Acme', color: '#0b5fff' });
  await brand.set({ logo });
  const logoRow = { sha256: logo.sha256, type: 'image/png', bytes: 3 };
  expect(await brand.get()).toMatchObject({ name: 'Acme', color: '#0b5fff', logo: logoRow });
  expect(await brand.set({ name: null })).toMatchObject({ name: null, color: '#0b5fff', logo: logoRow });
  await brand.set({});
  await brand.set({ logo: null });
  expect(await brand.get()).toMatchObject({ name: null, logo: null });
  const entries = await audit.list({}, 10);
  expect(entries.map(({ action, details }) => [action, details])).toEqual([
    ['workspace.brand_changed', { logo: null }],
    ['workspace.brand_changed', { name: null }],
    ['workspace.brand_changed', { logo: { contentType: 'image/png', sha256: logo.sha256, bytes: 3 } }],
    ['workspace.brand_changed', { name: 'Acme', color: '#0b5fff' }],
  ]);
});

test('a logo is read by its workspace and its hash alone', async () => {
  const [mine, other] = await Promise.all([db.workspaces.create('mine'), db.workspaces.create('other')]);
  await db.forWorkspace(mine.workspaceId).brand.set({ logo });
  const read = (workspaceId: string, hash: string) => db.forWorkspace(workspaceId).brand.logo(hash);
  expect(await read(mine.workspaceId, 'ab'.repeat(16))).toEqual({ image: Buffer.from(image), type: 'image/png' });
  expect(await read(mine.workspaceId, 'ac'.repeat(16))).toBeNull();
  expect(await read(other.workspaceId, 'ab'.repeat(16))).toBeNull();
});

test('concurrent first changes both stay', async () => {
  const { workspaceId } = await db.workspaces.create('races');
  const { brand } = db.forWorkspace(workspaceId);
  await Promise.all([brand.set({ name: 'Acme' }), brand.set({ color: '#0b5fff' }), brand.set({ logo })]);
  expect(await brand.get()).toMatchObject({ name: 'Acme', color: '#0b5fff', logo: { bytes: 3 } });
});
