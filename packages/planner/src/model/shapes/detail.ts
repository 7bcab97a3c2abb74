/** How much of a schema is written: what only helps is left out first, and nothing is cut in the middle. */
export type Detail = {
  /** Levels of objects, the first included. What lies deeper is told by the names of its members. */
  depth: number;
  /** Characters of what is said of a member. */
  describe: number;
  /** Choices of an enum, and members of an object; how many more there are is told. */
  choices: number;
  members: number;
  /** Whether bounds, patterns and defaults are told. */
  limits: boolean;
};
