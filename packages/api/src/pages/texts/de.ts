// The German texts of the pages for people. Arguments are finished HTML where those of the English texts are.
import type { ErrorCode } from '@errand/contracts';
import type { Texts } from './en.ts';

const CLOSED = 'Diese Anfrage ist geschlossen: Sie ist abgelaufen, oder ihr Auftrag ist beendet.';
const NO_LINK = 'Diese Anfrage gibt es nicht, oder der Link ist unvollständig.';

/** Titles and details of the problems that people meet on pages. */
type PersonsProblem = { title: string; detail?: string; keepsOriginal?: true };
const problems: Partial<Record<ErrorCode, PersonsProblem>> = {
  unauthenticated: { title: 'Kein gültiger API-Schlüssel', detail: 'Diese Adresse verlangt einen API-Schlüssel.' },
  insufficient_scope: { title: 'Dem API-Schlüssel fehlt ein Recht', keepsOriginal: true },
  workspace_suspended: {
    title: 'Der Arbeitsbereich ist gesperrt',
    detail: 'Der Arbeitsbereich dieses Links ist gesperrt: Zurzeit kann nichts entschieden werden.',
  },
  key_in_query: {
    title: 'API-Schlüssel in der Adresse',
    detail: 'Die Adresse enthält einen API-Schlüssel. Ersetzen Sie ihn, denn Adressen stehen in Protokollen.',
  },
  validation_failed: { title: 'Eine Angabe ist ungültig', keepsOriginal: true },
  body_too_large: { title: 'Die Angaben sind zu umfangreich', detail: 'Bitte kürzen Sie Ihre Angaben.' },
  uri_too_long: { title: 'Die Adresse ist zu lang' },
  method_not_allowed: { title: 'Diese Adresse lässt sich so nicht aufrufen' },
  not_found: { title: 'Nicht gefunden', detail: 'Unter dieser Adresse gibt es nichts.' },
  rate_limited: { title: 'Zu viele Anfragen', detail: 'Von Ihrer Adresse kamen in kurzer Zeit zu viele Anfragen.' },
  internal: { title: 'Interner Fehler' },
  unavailable: { title: 'Vorübergehend nicht verfügbar' },
  credential_unavailable: {
    title: 'Gespeicherte Zugangsdaten lassen sich nicht öffnen',
    detail: 'Die Zugangsdaten müssen neu hinterlegt werden.',
  },
  approval_not_found: { title: 'Diese Freigabe gibt es nicht', detail: NO_LINK },
  approval_gone: { title: 'Die Freigabe ist geschlossen', detail: CLOSED },
  approval_already_decided: {
    title: 'Es wurde bereits entschieden',
    detail: 'Über diese Freigabe wurde schon anders entschieden.',
  },
  approval_args_changed: {
    title: 'Die Anfrage hat sich geändert',
    detail: 'Die Anfrage hat sich geändert, seit Sie diese Seite geöffnet haben. Bitte prüfen Sie sie noch einmal.',
  },
  self_approval: {
    title: 'Sie können nicht selbst freigeben',
    detail: 'Dieser Link kann nicht entscheiden: Eine andere Person muss freigeben.',
  },
  csrf_failed: {
    title: 'Das Formular gehört zu einem anderen Browser',
    detail: 'Das Formular ist zu alt oder wurde nicht von dieser Seite gesendet.',
  },
  question_not_found: { title: 'Diese Frage gibt es nicht', detail: NO_LINK },
  question_gone: { title: 'Die Frage ist geschlossen', detail: CLOSED },
  question_already_answered: {
    title: 'Die Frage ist beantwortet',
    detail: 'Auf diese Frage gibt es schon eine andere Antwort.',
  },
  input_not_found: { title: 'Diese Anfrage gibt es nicht', detail: NO_LINK },
  input_gone: { title: 'Die Anfrage ist geschlossen', detail: CLOSED },
  input_already_answered: {
    title: 'Die Anfrage ist beantwortet',
    detail: 'Auf diese Anfrage gibt es schon eine andere Antwort.',
  },
  consent_not_found: {
    title: 'Diesen Link gibt es nicht',
    detail: 'Diesen Link gibt es nicht, oder er ist abgelaufen.',
  },
  consent_gone: {
    title: 'Die Anfrage ist geschlossen',
    detail:
      'Diese Anfrage ist geschlossen: Sie ist beantwortet oder abgelaufen, ihr Auftrag ist beendet, oder der Dienst braucht nichts mehr von Ihnen.',
  },
  oauth_state_invalid: {
    title: 'Die Anmeldung ist ungültig',
    detail:
      'Diese Anmeldung kann nicht abgeschlossen werden: Sie ist unbekannt, wurde schon verwendet, ist älter als zehn Minuten, begann in einem anderen Browser, oder die Verbindung wurde inzwischen geändert.',
  },
  oauth_issuer_mismatch: {
    title: 'Ein anderer Anmeldedienst hat geantwortet',
    detail: 'Die Antwort kommt nicht von dem Anmeldedienst, bei dem die Anmeldung begann.',
    keepsOriginal: true,
  },
  oauth_denied: { title: 'Der Zugriff wurde abgelehnt', detail: 'Sie oder der Dienst haben den Zugriff abgelehnt.' },
  oauth_failed: {
    title: 'Die Anmeldung ist fehlgeschlagen',
    detail: 'Der Dienst konnte die Anmeldung nicht abschließen.',
    keepsOriginal: true,
  },
};

const UNKNOWN: PersonsProblem = { title: 'Das hat nicht funktioniert', keepsOriginal: true };

/** The messages of the JSON Schema validator. */
const schemaFaults: readonly (readonly [RegExp, string])[] = [
  [/^must NOT have more than (\d+) characters?$/, 'Höchstens $1 Zeichen sind erlaubt.'],
  [/^must NOT have fewer than (\d+) characters?$/, 'Mindestens $1 Zeichen sind nötig.'],
  [/^must NOT have more than (\d+) items?$/, 'Wählen Sie höchstens $1.'],
  [/^must NOT have fewer than (\d+) items?$/, 'Wählen Sie mindestens $1.'],
  [/^must be <= (\S+)$/, 'Der Wert darf höchstens $1 sein.'],
  [/^must be >= (\S+)$/, 'Der Wert muss mindestens $1 sein.'],
  [/^must be < (\S+)$/, 'Der Wert muss kleiner als $1 sein.'],
  [/^must be > (\S+)$/, 'Der Wert muss größer als $1 sein.'],
  [/^must be multiple of (\S+)$/, 'Der Wert muss ein Vielfaches von $1 sein.'],
  [/^must match format "email"$/, 'Geben Sie eine E-Mail-Adresse ein.'],
  [/^must match format "uri"$/, 'Geben Sie eine vollständige Webadresse ein.'],
  [/^must match format "date"$/, 'Geben Sie ein Datum ein, zum Beispiel 2026-01-31.'],
  [/^must match format "date-time"$/, 'Geben Sie einen Zeitpunkt ein, zum Beispiel 2026-01-31T09:30:00Z.'],
  [/^must match (?:pattern|format) /, 'Der Wert hat nicht die erwartete Form.'],
  [/^must have required property /, 'Diese Angabe fehlt.'],
  [/^must be equal to one of the allowed values$/, 'Wählen Sie einen Wert aus der Liste.'],
  [/^must be (?:a |an )?(?:number|integer)$/, 'Geben Sie eine Zahl ein.'],
];

/** The words of the plan about the origins of values. */
const origins: readonly (readonly [RegExp, string])[] = [
  [/(^|, )of an item of the list(?=$|, )/, '$1aus einem Eintrag der Liste'],
  [/(^|, )of an item found by /, '$1aus einem Eintrag, gefunden durch '],
  [/(^|, )found by /, '$1gefunden durch '],
  [/(^|, )answered by a person(?=$|, )/, '$1von einer Person beantwortet'],
  [/(^|, )from the context(?=$|, )/, '$1aus dem Kontext'],
  [/(^|, )from the intent(?=$|, )/, '$1aus dem Auftrag'],
  [/(^|, )from the input(?=$|, )/, '$1aus der Eingabe'],
  [/(^|, )computed from now(?=$|, )/, '$1aus dem Zeitpunkt berechnet'],
  [/^set by the plan$/, 'vom Plan festgelegt'],
  [/^written by a model(?=$|:)/, 'von einem Modell geschrieben'],
  [/^computed(?=$| with )/, 'berechnet'],
  [/(^berechnet|,) with "/, '$1 mit "'],
];

/** The words of the plan about when and how often a step runs. */
const notes: readonly (readonly [RegExp, string])[] = [
  [/^once for each item found in (.+)$/, 'einmal für jeden Eintrag aus $1'],
  [/^once for each item of a list$/, 'einmal für jeden Eintrag einer Liste'],
  [/^at most (\d+) pages$/, 'höchstens $1 Seiten'],
  [/^the plan may end here, depending on what (.+) found$/, 'der Plan kann hier enden, je nach dem Ergebnis von $1'],
  [/^the plan may end here, depending on a condition$/, 'der Plan kann hier enden, je nach einer Bedingung'],
  [/^only if what (.+) found allows it$/, 'nur wenn das Ergebnis von $1 es erlaubt'],
  [/^only if a condition holds$/, 'nur wenn eine Bedingung gilt'],
  [/^after (\d.*)$/, 'nach $1'],
];

/** The faults of values of variables, after the title. */
const valueFaults: readonly (readonly [RegExp, string])[] = [
  [/^must have at most (\d+) characters\./, 'darf höchstens $1 Zeichen haben'],
  [/^must be one line of text\./, 'muss eine einzelne Zeile sein'],
  [/^must be one of:/, 'muss einer der angebotenen Werte sein'],
  [/^must not be empty\./, 'darf nicht leer sein'],
  [/^must be an https origin,/, 'muss eine Adresse mit https sein, zum Beispiel https://acme.example.com, ohne Pfad'],
  [/^may have only letters,/, 'darf nur Buchstaben, Ziffern und Bindestriche enthalten'],
  [/^is not a part of a host name\./, 'ist kein Teil eines Hostnamens'],
  [/^must be a port number\./, 'muss eine Portnummer sein'],
  [/^must not contain /, 'darf / ? # @ % \\ { } und zwei Punkte hintereinander nicht enthalten'],
  [/^has characters that are not allowed in a header\./, 'enthält Zeichen, die nicht erlaubt sind'],
];

/** The text of the first pattern that matches. */
function matched(texts: readonly (readonly [RegExp, string])[], message: string): string | undefined {
  for (const [pattern, text] of texts) {
    const [all] = pattern.exec(message) ?? [];
    if (all !== undefined) return all.replace(pattern, text);
  }
  return undefined;
}

export const de: Texts = {
  lang: 'de',
  locale: 'de-DE',
  closePage: 'Sie können diese Seite schließen.',
  yes: 'ja',
  no: 'nein',
  optional: '(optional)',
  token: 'Token',
  userName: 'Benutzername',
  password: 'Passwort',
  facts: {
    errand: 'Auftrag',
    why: 'Grund',
    for: 'Für',
    requestedBy: 'Angefragt von',
    expires: 'Läuft ab',
  },
  lessThanAMinute: { ahead: 'in weniger als einer Minute', ago: 'vor weniger als einer Minute' },

  approval: {
    kicker: {
      plan: 'Der Plan eines Auftrags braucht Ihre Freigabe.',
      call: 'Ein Schritt eines Auftrags braucht Ihre Freigabe.',
    },
    question: { plan: 'Diesen Plan freigeben?', call: 'Diesen Aufruf freigeben?' },
    closed: {
      plan: {
        approved: 'Dieser Plan ist freigegeben',
        denied: 'Dieser Plan ist abgelehnt',
        gone: 'Dieser Plan ist geschlossen',
      },
      call: {
        approved: 'Dieser Aufruf ist freigegeben',
        denied: 'Dieser Aufruf ist abgelehnt',
        gone: 'Dieser Aufruf ist geschlossen',
      },
    },
    pending: 'Die Entscheidung steht noch aus.',
    approved: (by) => (by === undefined ? 'Freigegeben.' : `Freigegeben durch ${by}.`),
    denied: (by) => (by === undefined ? 'Abgelehnt.' : `Abgelehnt durch ${by}.`),
    gone: CLOSED,
    byLink: 'einen Link',
    reasonGiven: (reason) => `Begründung: ${reason}`,
    whatWouldBeSent: 'Das würde gesendet',
    whatWasRequested: 'Das wurde angefragt',
    whatItDoes: 'Das geschieht',
    linkCannotDecide: 'Dieser Link kann nicht entscheiden, weil er nicht zeigt, wer ihn benutzt.',
    onlyApprovers: (people) => `Nur diese Personen entscheiden: ${people}.`,
    decideInConsole: 'In der Konsole entscheiden',
    orWithKey: (request) => `, oder mit einem API-Schlüssel: ${request}`,
    technical: 'Technische Angaben',
    tool: 'Werkzeug',
    run: 'Lauf',
    userId: 'Benutzerkennung',
    plan: 'Plan',
    fullPlan: 'Der vollständige Plan',
    onlyReads: 'Der Plan liest nur.',
    writes: (writes, steps) =>
      writes === 1 ? `Einer von ${steps} Schritten ändert etwas.` : `${writes} von ${steps} Schritten ändern etwas.`,
    changesSomething: 'ändert etwas',
    result: (result) => `Ergebnis: ${result}.`,
    origins: 'Woher die Werte stammen',
    origin: (text) => origins.reduce((german, [pattern, words]) => german.replace(pattern, words), text),
    note: (text) => (matched(notes, text) ?? text).replace(/(\d) and (\d)/, '$1 und $2'),
    edit: 'Vor der Freigabe ändern',
    reason: 'Begründung (optional)',
    approve: 'Freigeben',
    deny: 'Ablehnen',
    notApproved: 'Es wurde nichts freigegeben: Ein Wert ist ungültig.',
    noArguments: 'Der Aufruf hat keine Argumente.',
    arguments: 'Argumente',
    more: (count) => `${count} weitere`,
    moreFields: (count) => (count === 1 ? '1 weiteres Feld' : `${count} weitere Felder`),
    leftOut: 'Wird weggelassen, solange es leer ist.',
  },

  answer: {
    pending: 'Die Antwort steht noch aus.',
    closedWithout: 'Ohne Antwort geschlossen.',
    answered: (answer) => `Beantwortet: ${answer}`,
    sent: 'Beantwortet.',
    send: 'Antwort senden',
    notSent: 'Ihre Antwort wurde nicht gesendet: Ein Wert ist ungültig.',
  },
  question: {
    title: 'Eine Frage an Sie',
    kicker: 'Ein Auftrag braucht Ihre Antwort.',
    gone: 'Diese Frage ist geschlossen: Sie ist abgelaufen, oder ihr Auftrag ist beendet.',
    cannotAnswer: 'Weiß ich nicht',
    noneOfThese: 'Nichts davon',
    yourAnswer: 'Ihre Antwort',
    chooseOne: 'Bitte wählen Sie',
    noPassword: 'Schreiben Sie hier nie ein Passwort: Die Antwort wird für den Auftrag verwendet.',
  },
  input: {
    title: 'Ein Dienst fragt Sie',
    kicker: 'Ein Dienst, den Ihr Auftrag nutzt, hat eine Frage an Sie.',
    gone: CLOSED,
    done: 'Das habe ich erledigt',
    decline: 'Nicht antworten',
    openPage: (host) =>
      `Öffnen Sie zum Fortfahren diese Seite bei ${host}, und kommen Sie zurück, wenn Sie dort fertig sind. Öffnen Sie sie nur, wenn Sie diese Website kennen.`,
    open: (host) => `${host} öffnen`,
    fullAddress: 'Vollständige Adresse',
    noPassword: 'Ihre Eingaben werden an diesen Dienst gesendet. Geben Sie hier nie ein Passwort ein.',
  },

  consent: {
    title: (service) => `${service} verbinden?`,
    app: 'Die App, von der Sie kommen,',
    request: (app, service, user) =>
      `${app} möchte ${service} für ${user} nutzen. Fahren Sie nur fort, wenn Sie das sind.`,
    thatApp: 'diese App',
    warning: (app) =>
      `Fahren Sie nur fort, wenn Sie selbst über ${app} hierhergekommen sind. Fahren Sie nicht fort, wenn Ihnen eine andere Person diesen Link geschickt hat.`,
    continue: 'Weiter',
    save: 'Speichern',
    refuse: 'Ablehnen',
    accessGoesTo: (host) => `Der Zugriff, den Sie dort erlauben, geht an ${host}.`,
    signInAtService: 'Sie melden sich bei dem Dienst an. Er fragt Sie, bevor etwas erlaubt wird.',
    signInAt: (server) => `Sie melden sich bei ${server} an.`,
    asksAgain: (server) => `${server} fragt Sie noch einmal, bevor etwas erlaubt wird. Ihr Passwort bleibt dort.`,
    moreRights: (count) => `und ${count} weitere`,
    noRights: 'Es werden keine bestimmten Rechte angefragt: Der Dienst legt fest, was erlaubt ist.',
    rights: 'Angefragte Rechte',
    passwordHint: (service, host) =>
      `Beides erhalten Sie von ${service}. Die Angaben werden verschlüsselt gespeichert und nur an ${host} gesendet.`,
    tokenHint: (service, host) =>
      `Ein Token erhalten Sie von ${service}: Melden Sie sich dort an, und suchen Sie in den Einstellungen Ihres Kontos nach „API-Schlüssel“, „Zugriffstoken“ oder „Entwickler“. Es wird verschlüsselt gespeichert und nur an ${host} gesendet.`,
    success: {
      title: 'Verbunden',
      text: 'Aufträge, die darauf gewartet haben, laufen jetzt weiter.',
    },
    error: {
      title: 'Nicht verbunden',
      text: 'Der Zugriff wurde nicht erlaubt. Sie können diese Seite schließen. Falls das ein Versehen war, gehen Sie zurück zu der App, von der Sie kommen, und fordern Sie dort einen neuen Link an.',
    },
    trial: {
      accepted: 'Der Dienst hat das Token angenommen.',
      unknown:
        'Das Token wurde ungeprüft gespeichert: Der nächste Auftrag, der es verwendet, zeigt, ob der Dienst es annimmt.',
    },
    valuesRefused: 'Einige Angaben lassen sich nicht verwenden.',
    later: () => 'Der Dienst antwortet gerade nicht. Versuchen Sie es später noch einmal.',
    moved: (service, host) =>
      `${service} ist zu ${host} umgezogen. Das Token wurde nicht gespeichert. Geben Sie es noch einmal ein, wenn es dorthin gesendet werden darf.`,
    rejected: (service) =>
      `${service} hat dieses Token nicht angenommen, und es wurde nicht gespeichert. Prüfen Sie das Token, und geben Sie es noch einmal ein.`,
    enter: {
      token: 'Geben Sie das Token als eine Zeile Text ein.',
      user: 'Geben Sie das erste Feld als eine Zeile Text ohne Doppelpunkt ein.',
      password: 'Geben Sie das zweite Feld als eine Zeile Text ein.',
    },
    example: (example) => `Beispiel: ${example}`,
    keepEmpty: 'Lassen Sie das Feld leer, um den gespeicherten Wert zu behalten.',
    none: '(nichts)',
    valueFault: (title, fault) => {
      const rest = fault.startsWith(`${title} `) ? fault.slice(title.length + 1) : fault;
      return `${title} ${matched(valueFaults, rest) ?? 'hat nicht die erwartete Form'}.`;
    },
  },

  form: {
    tooOld: 'Das Formular gehört zu einem anderen Browser oder ist zu alt.',
    checkAgain: 'Prüfen Sie diese Seite, und senden Sie sie dann noch einmal.',
  },

  faults: {
    text: 'Geben Sie einen Text ein.',
    number: 'Geben Sie eine Zahl ein.',
    integer: 'Geben Sie eine ganze Zahl ein.',
    boolean: 'Wählen Sie ja oder nein.',
    choice: 'Wählen Sie einen Wert aus der Liste.',
    choices: 'Wählen Sie mindestens einen Wert.',
    list: 'Geben Sie in jeder Zeile einen Wert ein.',
    json: 'Das ist kein gültiges JSON.',
    fill: 'Füllen Sie dieses Feld aus.',
    answerChoice: 'Wählen Sie eine Antwort.',
    answerText: 'Schreiben Sie eine Antwort.',
  },
  schemaFault: (message) => matched(schemaFaults, message) ?? 'Dieser Wert ist ungültig.',

  problem: ({ code, detail: original = '' }) => {
    const { title, detail = '', keepsOriginal = false } = problems[code as ErrorCode] ?? UNKNOWN;
    return { title, detail, ...(keepsOriginal && original !== '' && { original }) };
  },
  originalDetail: 'Technische Angaben',
  next: {
    openAgain: 'Öffnen Sie den Link, den Sie erhalten haben, noch einmal in diesem Browser, und antworten Sie dort.',
    close: 'Sie können diese Seite schließen.',
    openCurrent: 'Öffnen Sie den Link, den Sie erhalten haben, noch einmal: Er zeigt die aktuelle Anfrage.',
    approverDecides:
      'Eine berechtigte Person entscheidet in der Konsole oder in dem Produkt, das die Anfrage gesendet hat.',
    wait: 'Warten Sie einen Moment, und öffnen Sie den Link dann noch einmal.',
    waitAndLoad: 'Warten Sie einen Moment, und laden Sie die Seite dann noch einmal.',
    requestLink:
      'Gehen Sie zurück zu der Nachricht oder der App, von der Sie kommen, und fordern Sie einen neuen Link an.',
    forPrograms: 'Diese Adresse ist für Programme, die mit jeder Anfrage einen API-Schlüssel senden.',
    reference: 'API-Referenz (englisch)',
    readReference: 'API-Referenz lesen (englisch)',
  },
};
