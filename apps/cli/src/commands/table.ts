// Every command, in the order of the help.
import { addWhoami } from './access/whoami.ts';
import type { AddCommand } from './command.ts';

export const commands: readonly AddCommand[] = [addWhoami];
