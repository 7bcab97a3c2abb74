/** A fault of a plan and its remedy. `pointer` is a JSON pointer into the plan. */
export type Complaint = { pointer: string; message: string };

/** A probable mistake in a plan. `why` is the reason in words for people; `asks`: a person decides about the step even if it only reads. */
export type Doubt = Complaint & { why: string; asks?: true };
