/** The description of a schema, and an example of its values. */
export const described = (description: string, example: unknown) => ({ description, examples: [example] });
