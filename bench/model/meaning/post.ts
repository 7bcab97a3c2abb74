// A mailbox with a calendar, and a third party.

import type { Operation } from './operation.ts';
import { email, flag, list, moment, object, oneOf, ref, text, whole } from './schemas.ts';

const message = object({
  'id!': text('Id'),
  from: email('Sender'),
  to: email('Recipient'),
  subject: text('Subject'),
  body: text('Text'),
  receivedAt: moment('When it came'),
  unread: flag('Whether it is unread'),
});

export const POST_SCHEMAS = { Message: message };

export const POST: Operation[] = [
  {
    id: 'searchMessages',
    path: '/messages',
    summary: 'Searches messages, the newest first',
    query: {
      q: text('Words'),
      from: text('Sender'),
      folder: oneOf('Folder', ['inbox', 'sent', 'archive']),
      limit: whole('Most'),
      page_token: text('Next page'),
    },
    answer: object({
      messages: list(ref('Message')),
      next_page_token: text('Token of the next page', { nullable: true }),
    }),
  },
  { id: 'getMessage', path: '/messages/{messageId}', summary: 'Gets a message', answer: ref('Message') },
  {
    id: 'sendMessage',
    method: 'post',
    path: '/messages',
    summary: 'Sends a message',
    body: object({
      'to!': email('Recipient'),
      cc: list(email('Recipient')),
      'subject!': text('Subject'),
      'text!': text('Text'),
      replyTo: text('Id of the message that it answers'),
    }),
    answer: object({ id: text('Id') }),
  },
  {
    id: 'preview',
    path: '/preview',
    summary: 'Shows the title of a web page',
    query: { 'url!': text('Address of the page') },
    answer: object({ title: text('Title') }),
  },
  {
    id: 'createEvent',
    method: 'post',
    path: '/calendars/{calendarId}/events',
    summary: 'Creates an event; the calendar "primary" is that of the user',
    body: object({
      'title!': text('Title'),
      'startsAt!': moment('Begin'),
      durationMinutes: whole('Length in minutes'),
      attendees: list(email('Guest')),
      location: text('Place'),
    }),
    answer: object({ id: text('Id') }),
  },
  {
    id: 'listEvents',
    path: '/calendars/{calendarId}/events',
    summary: 'Lists events of a calendar',
    query: {
      from: moment('Begin after'),
      to: moment('Begin before'),
      limit: whole('Most'),
      pageToken: text('Next page'),
    },
    answer: object({
      events: list(
        object({
          id: text('Id'),
          title: text('Title'),
          startsAt: moment('Begin'),
          durationMinutes: whole('Length'),
          attendees: list(email('Guest')),
        }),
      ),
      nextPageToken: text('Next page', { nullable: true }),
    }),
  },
];

/** A third party, which records each request. */
export const LOOKUP: Operation[] = [
  {
    id: 'search',
    path: '/search',
    summary: 'Searches companies',
    query: { q: text('Words'), near: text('Place') },
    answer: object({ results: list(object({ name: text('Name') })) }),
  },
  {
    id: 'profile',
    path: '/people/{handle}',
    summary: 'Gets the profile of a person',
    answer: object({ title: text('Title') }),
  },
  { id: 'broken', path: '/broken', summary: 'Tells how things are', answer: object({ title: text('Title') }) },
  {
    id: 'postToChannel',
    method: 'post',
    path: '/channels/{channelId}/posts',
    summary: 'Posts into a channel',
    body: object({ 'text!': text('Text') }),
    answer: object({ id: text('Id') }),
  },
];
