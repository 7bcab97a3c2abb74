import type { Contact } from '../data.ts';
import { PROPERTIES } from '../properties.ts';
import { rowOperations } from '../row-operations.ts';
import { contains, where } from '../rows.ts';

const { accountId, email } = PROPERTIES.Contact;
const rows = rowOperations('contacts');

export const contacts = [
  rows.list<Partial<Pick<Contact, 'accountId' | 'name' | 'email'>>>({
    description: 'Finds the contacts of an account, or a contact by name or email address.',
    query: {
      accountId,
      name: { type: 'string', minLength: 1, description: 'Part of the full name.', example: 'anders' },
      email,
    },
    rows: (data, { name, ...equal }) => where(data.contacts, equal).filter((contact) => contains(contact.name, name)),
  }),
  rows.get(),
  rows.create({ description: 'Records a new contact of an account.' }),
];
