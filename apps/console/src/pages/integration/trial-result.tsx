import type { Outputs } from '@errand/client/console';
import { Text } from '../../display/text.tsx';

export type TrialOutcome = Outputs['integrations']['try'];

const NOT_TRIED: Readonly<Record<NonNullable<TrialOutcome['notTried']>, string>> = {
  no_tool:
    'Nothing was called: no tool that is on reads something without arguments. Turn one on, or name one by rules.test.',
  no_credential: 'Nothing was called: no usable credential is stored.',
  busy: 'Nothing was called: too many trials are in progress. Try again in a moment.',
};

const LOOKS = { accepted: 'border-good text-good', rejected: 'border-bad text-bad', unknown: 'border-wait text-wait' };

/** The answer of a service to the trial of a credential. */
export function TrialResult({ result: { result, tool, status, account, notTried } }: { result: TrialOutcome }) {
  return (
    <p role="status" className={`rounded-lg border p-3 break-words ${LOOKS[result]}`}>
      {notTried !== undefined ? (
        NOT_TRIED[notTried]
      ) : (
        <>
          {result === 'accepted' && 'The service accepted the credential.'}
          {result === 'rejected' && 'The service refused the credential. Replace it.'}
          {result === 'unknown' && 'The service gave no clear answer.'} <Text>{tool ?? ''}</Text>
          {status !== undefined && ` answered with ${status}.`}
          {account !== undefined && (
            <>
              {' '}
              The account is <Text>{account}</Text>.
            </>
          )}
        </>
      )}
    </p>
  );
}
