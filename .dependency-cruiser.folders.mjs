// Folders of a package import in one direction. Tests may import from everywhere, so they are left out.
import { options } from './.dependency-cruiser.mjs';

export default {
  forbidden: [
    {
      name: 'no-folder-cycle',
      comment: 'Move the type or function that both folders need into the folder that the other imports.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    ...options,
    exclude: { path: `^packages/planner-english/|${options.exclude.path}|\\.test\\.tsx?$|/testing/` },
  },
};
