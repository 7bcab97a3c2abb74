// The schema of plans. docs/plan-language.md explains the language.
import { z } from 'zod';
import { defaultLimit, doc, inputText, optionalFlag, optionalInputText } from './fields.ts';
import { Json } from './json.ts';
import { Effect, StepId, ToolName } from './scalars.ts';

/** `{"$": "steps.account.output.items[0].id"}`: a value computed by a JSONata expression when the step runs. */
export const Binding = z
  .strictObject({
    $: inputText(
      4000,
      'JSONata over intent, context, input, now, steps.<id>.output and, inside forEach, item and index.',
      'steps.account.output.items[0].id',
    ),
  })
  .meta({ id: 'Binding', description: 'A value computed when the step runs.' });

/** `{"$text": "Nobody at {{steps.account.output.name}} is free."}`: a text with values in it. */
const Text = z
  .strictObject({
    $text: inputText(
      2000,
      'Words, with bindings between `{{` and `}}`.',
      '{{steps.account.output.name}} has no deals.',
    ),
  })
  .meta({ id: 'Text', description: 'A text with values in it that are computed when the step runs.' });

export const Pages = z
  .strictObject({
    items: Binding.meta(
      doc('Where the items of a page are: a plain path from `page`, the answer of the tool.', { $: 'page.items' }),
    ),
    next: Binding.meta({
      description:
        'What leads to the next page; nothing, null, false or an empty text after the last. It also sees `page`, `pageCount` and `itemCount` (read so far), and `link`, the query parameters of the next page in the Link header.',
      examples: [{ $: 'page.nextCursor' }],
    }),
    into: z
      .string()
      .max(200)
      .regex(/^[^.]+(\.[^.]+){0,7}$/, 'Must be names of arguments with dots between them, such as query.cursor.')
      .meta(doc('The argument that takes what `next` gives.', 'query.cursor')),
    max: defaultLimit(10, 100, 'Pages that are read at most. When there may be more, the event of the step says so.'),
    complete: optionalFlag(
      'Whether the step fails when there may be more items: a sum of a part would be wrong.',
      true,
    ),
  })
  .meta({
    id: 'Pages',
    description: 'How to read all pages of a list: the output of the step is the list of their items.',
  });

export const PlanStep = z
  .strictObject({
    id: StepId,
    tool: ToolName,
    effect: Effect.optional().meta({
      description: 'What the planner believes; when given it must be what the tool is.',
    }),
    args: z
      .record(z.string(), Json)
      .default({})
      .meta({
        description:
          'Arguments as the tool\'s input schema groups them. Any value in them may be a binding {"$": "an expression"}, a text with values {"$text": "Call {{an expression}}"} or a value for a model {"$fill": "what it must be"}.',
        examples: [{ query: { accountId: { $: 'steps.account.output.items[0].id' }, minAmount: 50000 } }],
      }),
    dependsOn: z
      .array(StepId)
      .max(100)
      .optional()
      .meta(doc('Steps that must have ended first, beside those that the bindings name.', ['account'])),
    reason: optionalInputText(2000, 'Why the step is there, for people.', 'Its large deals'),
    forEach: Binding.optional().meta({ description: 'An array: the step runs once for each item.' }),
    pages: Pages.optional(),
    when: Binding.optional().meta({
      description:
        'The step runs if this gives true, and is skipped if it gives false or nothing. Anything else fails it.',
    }),
    unless: Binding.optional().meta({
      description: 'When this is true the plan ends before the step: no later step runs, and the run tells `say`.',
    }),
    say: z
      .union([z.string().min(1).max(1000), Text, Binding])
      .optional()
      .meta({
        description:
          'What people are told when `unless` ends the plan: a sentence, alone or with values in it, or a binding.',
        examples: ['Northwind has no deals over 50,000.'],
      }),
  })
  .meta({ id: 'PlanStep', description: 'One tool call of a plan, or one for each item of a list.' });
export type PlanStep = z.infer<typeof PlanStep>;

export const Plan = z
  .strictObject({
    goal: inputText(10_000, 'What the plan achieves.', 'Deals over 50000 of Northwind'),
    steps: z
      .array(PlanStep)
      .min(1)
      .max(100)
      .meta({ description: 'The calls. Steps that do not depend on each other run in parallel.' }),
    result: Json.optional().meta({
      description:
        'The result: a literal in which any value may be a binding, a text with values or a fill. Absent: the output of the last step.',
      examples: [{ $: "{'deals': steps.deals.output.items}" }],
    }),
    then: z
      .literal('plan')
      .optional()
      .meta({
        description:
          'In place of a result: the plan only reads, and its planner is asked for another plan with what was read. Not in plans of callers.',
        examples: ['plan'],
      }),
    mayWrite: z
      .array(ToolName)
      .max(20)
      .optional()
      .meta({
        description:
          'Beside `then`: the write tools that the next plan may call. They are named before anything is read; any other one asks a human.',
        examples: [['crm_1a2b3c4d.createActivity']],
      }),
  })
  .meta({ id: 'Plan', description: 'A plan is a program of tool calls.' });
export type Plan = z.infer<typeof Plan>;
/** A plan as a caller or a model writes it, before defaults. */
export type PlanInput = z.input<typeof Plan>;
