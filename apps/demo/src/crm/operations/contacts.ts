import { type Contact, insert } from '../data.ts';
import { operation } from '../operation.ts';
import { PROPERTIES } from '../properties.ts';
import { checkReferences, contains, find, type Paging, page, paging, timestamp, where } from '../rows.ts';

const TAG = 'Contacts';
const { accountId, email } = PROPERTIES.Contact;

export const contacts = [
  operation<Paging & Partial<Pick<Contact, 'accountId' | 'name' | 'email'>>>({
    id: 'listContacts',
    method: 'GET',
    path: '/contacts',
    tag: TAG,
    summary: 'List contacts',
    description: 'Finds the contacts of an account, or a contact by name or email address.',
    query: {
      accountId,
      name: { type: 'string', minLength: 1, description: 'Part of the full name.', example: 'anders' },
      email,
      ...paging,
    },
    answer: 'ContactPage',
    handle: (data, { query: { accountId, name, email, ...wantedPage } }) =>
      page(
        where(data.contacts, { accountId, email }).filter((contact) => contains(contact.name, name)),
        wantedPage,
      ),
  }),
  operation({
    id: 'getContact',
    method: 'GET',
    path: '/contacts/{contactId}',
    tag: TAG,
    summary: 'Get a contact',
    description: 'Returns one contact by its id.',
    answer: 'Contact',
    errors: [404],
    handle: (data, { id }) => find(data, 'contacts', id),
  }),
  operation<unknown, Omit<Contact, 'id' | 'createdAt'>>({
    id: 'createContact',
    method: 'POST',
    path: '/contacts',
    tag: TAG,
    summary: 'Create a contact',
    description: 'Records a new contact of an account.',
    body: 'ContactCreate',
    status: 201,
    answer: 'Contact',
    handle: (data, { body }) => {
      checkReferences(data, body);
      return insert(data, 'contacts', { ...body, createdAt: timestamp() });
    },
  }),
];
