// Fields of answers by link.
import { z } from 'zod';
import { doc, inputText, optionalText } from '../base/fields.ts';

export const linkToken = inputText(500, 'The token of the link.', 'AZLw…');

export const csrf = z.string().max(100).meta(doc('Binds the form to the browser that it was made for.', 'k3Zq…'));

export const answeredBy = optionalText('Who answered.', 'er_live_…k3Zq');
