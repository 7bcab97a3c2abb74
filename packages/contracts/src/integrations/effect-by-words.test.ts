import { describe, expect, test } from 'vitest';
import { effectByWords, type NamedOperation } from './effect-by-words.ts';

/** `GET /path operation: title | description`, as the table below writes operations. */
function operationOf(line: string): NamedOperation & { method: string } {
  const [, method = '', path = '', operation = '', title, description] =
    /^(\w+) (\S+) ([^:\s]+)(?:: ([^|]*))?(?: \| (.*))?$/.exec(line)!;
  return { method, path, operation, title: title?.trim(), description };
}
const effectOf = (line: string) => {
  const operation = operationOf(line);
  return effectByWords(operation, operation.method === 'POST' ? 'write' : 'read');
};

describe('a GET', () => {
  test.each([
    // Names of methods, with a dot or a colon.
    'GET /keys.revoke keys_revoke',
    'GET /boards.open boards_open',
    'GET /boards.publish boards_publish',
    'GET /boards.push boards_push',
    'GET /boards.update boards_update',
    'GET /flows.stepFailed flows_stepFailed',
    'GET /flows.stepCompleted flows_stepCompleted',
    'GET /flows.updateStep flows_updateStep',
    'GET /plugins.uninstall plugins_uninstall',
    'GET /docs.remote.share docs_remote_share',
    'GET /rights.users.request rights_users_request',
    'GET /jobs/{id}:cancel jobs.cancel',
    'GET /{name}:cancel jobs.cancel',
    // Verbs at the beginning of a name, and as the last part of a name or path.
    'GET /users deleteUser',
    'GET /users delete_user',
    'GET /users user.delete',
    'GET /users/delete get_users_delete',
    'GET /users/delete/{id} get_users_delete_by_id',
    'GET /users/{id}/delete.json userDeletion',
    'GET /issues/{id}/close get_issues_by_id_close',
    'GET /api/deleteUser get_api_deleteUser',
    'GET /URLPurge URLPurge: Purges a URL',
    // Its words.
    'GET /users getUsers: Deletes all users',
    'GET /users users | Removes the users of a group.',
    'GET /users users | <p>**Deletes** the users of a group.</p>',
    'GET /admin?cmd=drop admin',
    'GET /délete users',
    'GET /status status: Update the status of a user',
    'GET /users/delete getUsers: Lists users',
    'GET /deleteUsers getUsers: Lists users',
    'GET /views.update getViews',
    // Letters that look like others, and invisible ones.
    'GET /dеlete-users users',
    'GET /users users: Dеletes all users',
    'GET /del\u200bete users',
    'GET /ｄｅｌｅｔｅ users',
  ])('%s counts as a write', (line) => {
    expect(effectOf(line)).toBe('write');
  });

  test.each([
    'GET /posts/{id} get_post',
    'GET /updates list_updates',
    'GET /postal_codes get_postal_codes',
    'GET /postal_codes postal_codes',
    'GET /settings getSettings',
    'GET /settings.list settings_list',
    'GET /chat.getPermalink chat_getPermalink',
    'GET /conversations.history conversations_history',
    'GET /orders/open get_orders_open',
    'GET /orders openOrders: List open orders',
    'GET /sets/{id}/set groups.sets.GetSet',
    'GET /repos/{id}/import migrations/get-import-status',
    'GET /pulls/{id}/merge pulls/check-if-merged',
    'GET /mail/settings/sendAs mail.settings.sendAs.list',
    'GET /Recordings/{Sid}/AddOns.json ListRecordingAddOn',
    'GET /StopPoint/{ids} StopPoint_Get',
    'GET /files/{id}/download download_file',
    'GET /files/{id}/export files.export',
    'GET /auth.test auth_test',
    'GET /check check',
    'GET /documents/{id}/sign getSignature',
    'GET /installations apps/get-installation: Get an installation | Enables an app to find an installation',
    'GET /installSummary books.GetInstallSummary',
    'GET /delay delay: Delay in μs',
    'GET / root',
    'GET /新規 取得: ユーザーを取得します',
  ])('%s counts as a read', (line) => {
    expect(effectOf(line)).toBeUndefined();
  });
});

describe('a POST', () => {
  test.each([
    'POST /orders_qry orders_qry',
    'POST /stock/lookup stock_lookup',
    'POST /bays/filter get_free_bays',
    'POST /count countMoves: Count the moves of a day',
    'POST /v1/search post-search: Search by title',
    'POST /data_sources/{id}/query query-data-source',
    'POST /crm/contacts/search post-/crm/contacts/search_doSearch',
    'POST /freeBusy calendar.freebusy.query',
    'POST /sheets/{id}:getByDataFilter sheets.getByDataFilter',
    'POST /companies/list listAllCompanies',
    'POST /files.list files_list',
    'POST /moves_count moves_count',
  ])('%s is proposed as a read', (line) => {
    expect(effectOf(line)).toBe('read');
  });

  test.each([
    'POST /lists createList',
    'POST /list post_list_create',
    'POST /mailing_list mailing_list',
    'POST /add_to_list add_to_list',
    'POST /search createSearch',
    'POST /search search: Creates a search that is kept',
    'POST /users findOrCreateUser',
    'POST /users getAndDeleteUser',
    'POST /filters filters',
    'POST /messages/read messages_read',
    'POST /uploads getUploadUrl',
    'POST /recount recountStock',
    'POST /users users | Deletes all users.',
  ])('%s stays a write', (line) => {
    expect(effectOf(line)).toBeUndefined();
  });

  test('alone of the methods that write may query', () => {
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      expect(effectByWords({ operation: 'search', method, path: '/search' }, 'write')).toBeUndefined();
  });
});

describe('a tool of an MCP server', () => {
  const hint = { readOnlyHint: true };
  test.each([
    ['delete_note', hint, 'read', 'write'],
    ['notes.delete', hint, 'read', 'write'],
    ['updateNote', hint, 'read', 'write'],
    ['list_notes', { ...hint, destructiveHint: true }, 'read', 'write'],
    ['list_notes', hint, 'read', undefined],
    ['read_note', hint, 'read', undefined],
    ['search_notes', {}, 'write', 'read'],
    ['search_notes', { readOnlyHint: false }, 'write', undefined],
    ['search_notes', { destructiveHint: true }, 'write', undefined],
    ['add_note', hint, 'write', undefined],
  ] as const)('%s with %j, a %s as it says: %s', (operation, hints, stated, effect) => {
    expect(effectByWords({ operation, hints }, stated)).toBe(effect);
  });
});

describe('hostile names', () => {
  const cpuMs = (work: () => void) => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const endless = [
    'a'.repeat(10_000),
    'aB'.repeat(5000),
    '_'.repeat(10_000),
    '{a}/'.repeat(2500),
    'é\u200b'.repeat(5000),
  ];

  test.each(endless)('of 10 KB are judged by their beginning and end', (text) => {
    const named = { operation: text, method: 'GET', path: `/${text}/purge`, title: text, description: text };
    expect(effectByWords(named, 'read')).toBe('write');
    expect(cpuMs(() => void effectByWords(named, 'read'))).toBeLessThan(50);
  });

  test('10,000 of them take milliseconds a thousand', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({
      operation: `tenants_users_listUsersOfTenant${i}`,
      method: 'GET',
      path: `/tenants/{tenantId}/users/{userId}/memberships${i}`,
      title: 'List the users of a tenant',
      description: 'Returns the users of a tenant, page by page, with their memberships.',
    }));
    expect(cpuMs(() => many.every((operation) => effectByWords(operation, 'read') === undefined))).toBeLessThan(500);
  });
});
