// The English texts of the pages for people. Arguments are finished HTML; a text itself has no character that HTML escapes.
import { type ErrorCode, errorTable } from '@errand/contracts';

/** A problem as a page words it. `original`: its English detail, for pages in another language. */
export type ProblemText = { title: string; detail: string; original?: string };
type PageProblem = { code: string; detail?: string | undefined };

export const en = {
  lang: 'en',
  /** For `Intl`. */
  locale: 'en-GB',
  closePage: 'You may close this page.',
  yes: 'yes',
  no: 'no',
  optional: '(optional)',
  token: 'Token',
  userName: 'User name',
  password: 'Password',
  facts: { errand: 'Errand', why: 'Why', for: 'For', requestedBy: 'Requested by', expires: 'Expires' },
  lessThanAMinute: { ahead: 'in less than a minute', ago: 'less than a minute ago' },

  approval: {
    kicker: { plan: 'A plan of an errand needs your approval.', call: 'A step of an errand needs your approval.' },
    question: { plan: 'Approve this plan?', call: 'Approve this call?' },
    closed: {
      plan: { approved: 'This plan is approved', denied: 'This plan is denied', gone: 'This plan is closed' },
      call: { approved: 'This call is approved', denied: 'This call is denied', gone: 'This call is closed' },
    },
    pending: 'Waiting for a decision.',
    approved: (by?: string) => (by === undefined ? 'Approved.' : `Approved by ${by}.`),
    denied: (by?: string) => (by === undefined ? 'Denied.' : `Denied by ${by}.`),
    gone: 'This request is closed: it expired, or its run ended.',
    byLink: 'a link',
    reasonGiven: (reason: string) => `Reason: ${reason}`,
    whatWouldBeSent: 'What would be sent',
    whatWasRequested: 'What was requested',
    whatItDoes: 'What it does',
    linkCannotDecide: 'This link cannot decide, because it does not show who uses it.',
    onlyApprovers: (people: string) => `Only these people decide: ${people}.`,
    decideInConsole: 'Decide in the console',
    orWithKey: (request: string) => `, or with an API key: ${request}`,
    technical: 'Technical details',
    tool: 'Tool',
    run: 'Run',
    userId: 'User id',
    plan: 'Plan',
    fullPlan: 'The full plan',
    onlyReads: 'It only reads.',
    writes: (writes: number, steps: number) =>
      `${writes} of its ${steps} steps change${writes === 1 ? 's' : ''} something.`,
    changesSomething: 'changes something',
    result: (result: string) => `Result: ${result}.`,
    origins: 'Where its values come from',
    /** @param text the origin of a value, as the plan has it in English */
    origin: (text: string) => text,
    /** @param text when or how often a step runs, as the plan has it in English */
    note: (text: string) => text,
    edit: 'Change it before you approve',
    reason: 'Reason (optional)',
    approve: 'Approve',
    deny: 'Deny',
    notApproved: 'Nothing was approved: a value is not valid.',
    noArguments: 'The call has no arguments.',
    arguments: 'Arguments',
    more: (count: number) => `${count} more`,
    moreFields: (count: number) => `${count} more fields`,
    leftOut: 'Left out while empty.',
  },

  answer: {
    pending: 'Waiting for an answer.',
    closedWithout: 'Closed without an answer.',
    answered: (answer: string) => `Answered: ${answer}`,
    sent: 'Answered.',
    send: 'Send answer',
    notSent: 'Your answer was not sent: a value is not valid.',
  },
  question: {
    title: 'A question for you',
    kicker: 'An errand needs your answer.',
    gone: 'This question is closed: it expired, or its run ended.',
    cannotAnswer: 'I cannot answer',
    noneOfThese: 'None of these',
    yourAnswer: 'Your answer',
    chooseOne: 'Choose one',
    noPassword: 'Never write a password here: the answer is used for the errand.',
  },
  input: {
    title: 'A service asks you',
    kicker: 'A service that your errand uses has a question for you.',
    gone: 'This request is closed: it expired, or its run ended.',
    done: 'I have done this',
    decline: 'Do not answer',
    openPage: (host: string) =>
      `To continue, open this page at ${host}, and come back when you are done there. Open it only if you know this site.`,
    open: (host: string) => `Open ${host}`,
    fullAddress: 'Full address',
    noPassword: 'What you enter is sent to this service. Never enter a password here.',
  },

  consent: {
    title: (service: string) => `Connect ${service}?`,
    app: 'The app that sent you here',
    request: (app: string, service: string, user: string) =>
      `${app} would like to use ${service} for ${user}. Continue only if that is you.`,
    thatApp: 'that app',
    // Without a confirmation by the product, only the person can tell whether the link was meant for them.
    warning: (app: string) =>
      `Continue only if you came here from ${app} yourself. Do not continue if another person sent you this link.`,
    continue: 'Continue',
    save: 'Save',
    refuse: 'Refuse',
    accessGoesTo: (host: string) => `The access that you grant there goes to ${host}.`,
    signInAtService: 'You sign in at the service, which asks you before anything is allowed.',
    signInAt: (server: string) => `You sign in at ${server}.`,
    asksAgain: (server: string) => `${server} asks you again before anything is allowed. Your password stays there.`,
    moreRights: (count: number) => `and ${count} more`,
    noRights: 'It requests no specific rights: the service decides what it may do.',
    rights: 'Requested rights',
    passwordHint: (service: string, host: string) =>
      `You get both from ${service}. They are stored encrypted and sent only to ${host}.`,
    tokenHint: (service: string, host: string) =>
      `You get a token from ${service}: sign in there and look for “API keys”, “Access tokens” or “Developer” in the settings of your account. It is stored encrypted and sent only to ${host}.`,
    success: {
      title: 'Connected',
      text: 'Errands that waited for this now continue.',
    },
    error: {
      title: 'Not connected',
      text: 'Access was not granted. You may close this page. If that was a mistake, go back to the app that sent you here and request a new link.',
    },
    trial: {
      accepted: 'The service accepted the token.',
      unknown:
        'The token was stored without a test: the next errand that uses it shows whether the service accepts it.',
    },
    valuesRefused: 'Some values cannot be used.',
    /** @param why in English */
    later: (why: string) => `${why} Try again later.`,
    moved: (service: string, host: string) =>
      `${service} has moved to ${host}. The token was not stored. Enter it again if it may be sent there.`,
    rejected: (service: string) =>
      `${service} did not accept this token, and it was not stored. Check the token and enter it again.`,
    enter: {
      token: 'Enter the token as one line of text.',
      user: 'Enter the first field as one line of text without a colon.',
      password: 'Enter the second field as one line of text.',
    },
    example: (example: string) => `Example: ${example}`,
    keepEmpty: 'Leave it empty to keep the present value.',
    none: '(none)',
    /** @param fault of the value, in English */
    valueFault: (_title: string, fault: string) => fault,
  },

  form: {
    tooOld: 'The form belongs to another browser, or is too old.',
    checkAgain: 'Check this page, then send it again.',
  },

  /** Faults of fields, by the check. */
  faults: {
    text: 'Enter a text.',
    number: 'Enter a number.',
    integer: 'Enter a whole number.',
    boolean: 'Choose yes or no.',
    choice: 'Choose one from the list.',
    choices: 'Choose at least one.',
    list: 'Enter one value on each line.',
    json: 'This is not valid JSON.',
    fill: 'Fill this in.',
    answerChoice: 'Choose an answer.',
    answerText: 'Write an answer.',
  },
  /** The message of a JSON Schema validator, as a sentence. */
  schemaFault: (message: string) =>
    /^[a-z]/.test(message) ? `It ${message.replace('must NOT', 'must not')}.` : message,

  problem: ({ code, detail = '' }: PageProblem): ProblemText => ({
    title: errorTable[code as ErrorCode].title,
    detail,
  }),
  originalDetail: 'Technical details',
  next: {
    openAgain: 'Open the link that you were sent again, in this browser, and answer there.',
    close: 'You can close this page.',
    openCurrent: 'Open the link that you were sent again: it shows the current request.',
    approverDecides: 'An approver decides in the console, or in the product that sent the request.',
    wait: 'Wait a moment, then open the link again.',
    waitAndLoad: 'Wait a moment, then load the page again.',
    requestLink: 'Go back to the message or the app that sent you here, and ask for a new link.',
    forPrograms: 'This address is for programs, which send an API key with each request.',
    reference: 'API reference',
    readReference: 'Read the API reference',
  },
};

/** The texts of the pages in one language. */
export type Texts = typeof en;
