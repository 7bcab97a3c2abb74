/** How much of a schema is written. Hints are left out first, and nothing is cut in the middle. */
export type Detail = {
  /** Levels of objects, including the first. Deeper objects have only the names of their members. */
  depth: number;
  /** Maximum characters of a member's description. */
  describe: number;
  /** Maximum number of choices of an enum, and of members of an object; the text has the number of the others. */
  choices: number;
  members: number;
  /** Whether bounds, patterns and defaults are written. */
  limits: boolean;
};
