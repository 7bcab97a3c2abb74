/** Operations that no page of the console calls, with the reason. */
export const exceptions: Readonly<Record<string, string>> = {
  'consents.confirm': 'only keys may call it: a product confirms that the person who came back is its user',
  'schedules.get': 'schedules.list has every field of a schedule',
  'tools.search': 'it finds tools by words for programs; pages of integrations list all tools',
  'userTokens.create':
    'only keys may call it: a product makes tokens for its users; the page of a user shows the program',
  'userTokens.revoke':
    'only keys may call it: a product revokes tokens of its users; the page of a user shows the program',
};
