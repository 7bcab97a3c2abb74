// Made from the OpenAPI document by scripts/generate.mjs; do not edit.
export interface paths {
    "/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List runs
         * @description Newest first by default; all filters may be combined. An answer has at most 8 MiB (over tRPC the calls of a batch share 4 MiB); `leftOut` and `eventsTruncated` name what has no room, and where to read it. Each run of the page has an equal share of it.
         */
        get: operations["runsList"];
        put?: never;
        /**
         * Create a run
         * @description Accepts an errand and answers at once. Planning and execution follow; watch the events. A key that does not hold runs:read is answered a RunHandle alone, also with Prefer: wait and when an earlier answer comes again. Answers hold no links: those are in the events.
         */
        post: operations["runsCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/preflight": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look at a run before it is made
         * @description Plans an errand as a run would: nothing is called, and nothing is kept. What planning costs is spent, and told in `usage`. Sent as `plan` of POST /v1/runs, the plan is executed exactly as it is. It waits for the planner, 45 seconds at most; two are planned at a time for a workspace.
         */
        post: operations["runsPreflight"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{runId}/rerun": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a run again
         * @description Makes a new run of an earlier one, whatever its status: for the same user, with the same integrations, outputSchema, budget and metadata. It is a new run: what the earlier one wrote does not count as done, and is written again. What was passed through must be sent again. A key that does not hold runs:read is answered a RunHandle alone.
         */
        post: operations["runsRerun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{runId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a run
         * @description An answer has at most 8 MiB (over tRPC the calls of a batch share 4 MiB); `leftOut` and `eventsTruncated` name what has no room, and where to read it. Its documents always have room.
         */
        get: operations["runsGet"];
        put?: never;
        post?: never;
        /**
         * Cancel a run
         * @description Cancels a run that has not ended. A call in flight is aborted; what has taken effect stays visible. A key that does not hold runs:read is answered a RunHandle alone.
         */
        delete: operations["runsCancel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{runId}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the events of a run
         * @description Events after `after`, oldest first. An answer has at most 8 MiB (over tRPC the calls of a batch share 4 MiB); `leftOut` and `eventsTruncated` name what has no room, and where to read it. Of a run whose events the service is set to keep no longer only `end` is left, under the number it had.
         */
        get: operations["runsEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{runId}/calls/{toolCallId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a call of a run
         * @description One call whole, however large, as the newest event that tells of it has it.
         */
        get: operations["runsToolCall"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{runId}/sse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream the events of a run
         * @description All past events, then live ones, as server-sent events; closes after `end`. Last-Event-ID resumes exactly, over restarts. Between them `progress` frames, which have no id, say which calls are under way and which are tried again, once they have lasted for 40 to 80 ms; an EventSource that does not know the name ignores them. A finished run that was read to its end answers 204. Of a run whose events the service is set to keep no longer only `end` is left, under the number it had.
         */
        get: operations["runsStream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/sse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream the changes of a list
         * @description The changes of the list with these filters, as server-sent events: a `snapshot` first, then a `run` for each run that is created or changes and fits, and a `gone` for one that no longer fits. Read the list after a `snapshot` that is not `resumed`; nothing is missed between the two. Last-Event-ID resumes for about a minute, at the same process and as long as it remembers what was missed; otherwise there is a new `snapshot`. A reader who takes nothing is cut. The stream does not end by itself.
         */
        get: operations["runsWatch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/execution-plans/{executionPlanId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an execution plan
         * @description The steps of a run: which tools it calls, with which arguments, in which order, and what each needs. A text says so while planning is not done. `plan` alone can be brought to a new run.
         */
        get: operations["executionPlansGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what waits for a human
         * @description Over all runs, newest first. `resolveWith` of an entry is the request that resolves it. Arguments and schemas are shown as far as they have room; `leftOut` names what is not.
         */
        get: operations["pendingList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pending/sse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch what waits for a human
         * @description A `snapshot` first, then an `added` frame for each open entry, the newest first and 1,000 at most, then `added` and `gone` as they happen. Frames have no ids: a client that comes back forgets what it knew and begins with the next snapshot.
         */
        get: operations["pendingWatch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pending/decide": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve or deny several
         * @description Decides about plans and calls that wait (forms of a service are answered one by one: POST /v1/inputs/{requestId}), one after the other, each once and by itself: what is refused stops no other. Sent again after a lost answer, decisions that were made answer the same.
         */
        post: operations["pendingDecide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approvals/{approvalId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an approval
         * @description What a plan or a call that needs approval would do, or what a service asks in the middle of a call, whole, and what was decided. After an edit `args` are those that were approved.
         */
        get: operations["approvalsGet"];
        put?: never;
        /**
         * Approve or deny
         * @description Decides about a plan or a call that waits, once. The same decision again answers the same; another one is refused. `always` makes an approval rule as well, once for each approval.
         */
        post: operations["approvalsDecide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approval-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List approval rules
         * @description The newest first, with those that are over.
         */
        get: operations["approvalRulesList"];
        put?: never;
        /**
         * Always allow some calls of a tool
         * @description Calls of the tool pass without approval if their arguments fit, from a second from now until the rule expires or is revoked. It applies to the tool as it is now: a changed tool needs approval again. Open requests stay open.
         */
        post: operations["approvalRulesCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approval-rules/{approvalRuleId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an approval rule
         * @description Within a second, calls are asked about again. Again: no change.
         */
        delete: operations["approvalRulesRevoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/effects/{effectId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resolve an uncertain effect
         * @description A call that writes was sent and its answer was lost, so nobody knows whether it took effect. The run waits until somebody who looked at the service decides. An effect is resolved once; the same decision sent again gets the same answer.
         */
        post: operations["effectsResolve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/questions/{requestId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answer a question
         * @description Answers a question of a plan or of its planner, once, and the run goes on with it. The same answer again is answered the same; another one is refused. Four eyes do not cover questions: an answer tells what is wanted and approves nothing.
         */
        post: operations["questionsAnswer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/inputs/{requestId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answer a service
         * @description Answers what a service asks the user in the middle of a call, once; the call then goes on. `content` must fit the form. The same answer again is answered the same; another one is refused. Four eyes do not cover it: it is the user who is asked, and nothing is approved by it.
         */
        post: operations["inputsAnswer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List actions
         * @description In the order of their keys. Schemas are shown as far as they have room; `leftOut` names the others.
         */
        get: operations["actionsList"];
        put?: never;
        /**
         * Keep a run as an action
         * @description Keeps the plan of a run that ended as SUCCESS. Values that the intent or the context said become inputs; the others stay as they are. A plan that holds what was true of its run alone is refused: a time that was computed when it was planned, what was looked up, or answered by people. Needs runs:read, too.
         */
        post: operations["actionsKeep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/actions/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an action
         * @description An action with its plan, in JSON and in words, and the values that are or may be inputs.
         */
        get: operations["actionsGet"];
        /**
         * Change an action
         * @description Changes what the action takes and answers. Who changes it makes it: an action that is paused goes on. Fields that are left out stay. Needs runs:read, too.
         */
        put: operations["actionsChange"];
        post?: never;
        /**
         * Delete an action
         * @description Runs of it that are under way go on.
         */
        delete: operations["actionsDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/actions/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run an action
         * @description Executes the plan of an action with an input, without planning, as a run of the caller, and waits for its end. When a human must act first (action_waits), when the run takes longer than the request may (action_unfinished), and when it ends without success (action_failed), the problem has the `runId`: read on at GET /v1/runs/{runId}. None of the three means that the run stops, or that nothing was done: sent again without an Idempotency-Key, the request makes another run.
         */
        post: operations["actionsRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/integrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List integrations
         * @description The integrations of the workspace, by name, at most `limit`; `after` goes on. An answer has at most 8 MiB (over tRPC the calls of a batch share 4 MiB): `leftOut` names the fields of an integration that did not fit.
         */
        get: operations["integrationsList"];
        put?: never;
        /**
         * Register an integration
         * @description Reads the OpenAPI document and makes a tool of each operation. Tools that read are enabled; `enable` selects others. The answer has the number of tools and of enabled ones.
         */
        post: operations["integrationsCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/integrations/{customerIntegrationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an integration
         * @description The integration, its auth without secrets, and what its owner must do.
         */
        get: operations["integrationsGet"];
        put?: never;
        post?: never;
        /**
         * Delete an integration
         * @description Deletes its tools and credentials, too. Runs that used it keep their events.
         */
        delete: operations["integrationsDelete"];
        options?: never;
        head?: never;
        /**
         * Change an integration
         * @description Changes only the given fields. Runs that are under way use the change from their next call.
         */
        patch: operations["integrationsPatch"];
        trace?: never;
    };
    "/v1/integrations/{customerIntegrationId}/tools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the tools of an integration
         * @description Every operation of the service as a tool: what it takes, whether it changes something, and whether runs may use it. An answer has at most 8 MiB (over tRPC the calls of a batch share 4 MiB): the first tools are complete; each tool that does not fit has `leftOut`.
         */
        get: operations["integrationsTools"];
        /**
         * Choose the tools of an integration
         * @description An allow-list: tools that are not chosen are invisible to planners and refused when called. A later refresh adds no tool to it.
         */
        put: operations["integrationsSetTools"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/integrations/{customerIntegrationId}/users/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a user at an integration
         * @description Whether the integration knows the user and holds a credential of theirs. The credential itself is never shown.
         */
        get: operations["integrationsGetUser"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/integrations/{customerIntegrationId}/users/{userId}/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Store a user's token
         * @description Replaces an earlier one. The token is bound to the present origin of the integration. Runs that wait for it go on. It is not tried: if the service answers a call with 401, the user is asked again.
         */
        put: operations["integrationsPutCredentials"];
        post?: never;
        /**
         * Revoke a user's token or consent
         * @description Erases it, and revokes it at the authorization server if that supports revocation.
         */
        delete: operations["integrationsDeleteCredentials"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/integrations/{customerIntegrationId}/users/{userId}/auth-url": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a user's consent
         * @description Answers with the URL of a page on which the user consents at the authorization server, or enters a token. Adds the user to the integration. Runs that wait for it then go on.
         */
        post: operations["integrationsAuthUrl"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/integrations/{customerIntegrationId}/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refresh an integration
         * @description Reads the OpenAPI document again, or takes the one that is sent; asks an MCP server for its tools again. Tools that are new or changed are disabled and need review, until they are chosen by PUT …/tools; runs whose plans use them fail at that call. Another base URL has no effect until it is confirmed with `confirmBaseUrl`. The auth stays as it was registered, whatever the document says.
         */
        post: operations["integrationsRefresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tools/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Search tools
         * @description Finds the enabled tools that fit some words, over all active integrations or those that are named: by the name, title, description and path of each tool, the fields that it takes and answers, and the name of its integration. Planners search in the same way. Tools that find the ids which others need are among them.
         */
        get: operations["toolsSearch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/feedback/run/{runId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the feedback of a run
         * @description Null when there is none.
         */
        get: operations["feedbackGet"];
        /**
         * Rate a run
         * @description Stores what a user, an evaluator or a program thinks of the result. Fields that are not given stay as they were. A key that does not hold runs:read is answered the rating, and of the rest what it sent itself.
         */
        put: operations["feedbackPut"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List schedules
         * @description The schedules of the workspace, newest first; a workspace has 100 at most.
         */
        get: operations["schedulesList"];
        put?: never;
        /**
         * Make a schedule
         * @description Creates the run at each time of cron, once, as the key that makes the schedule. Times that pass while the service is down are not made up for one by one: one run is created late, and its events tell how many were missed. The schedule pauses when that key is revoked.
         */
        post: operations["schedulesCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{scheduleId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a schedule
         * @description With its next times, and what became of the last one.
         */
        get: operations["schedulesGet"];
        put?: never;
        post?: never;
        /**
         * Delete a schedule
         * @description Runs that it has created stay.
         */
        delete: operations["schedulesDelete"];
        options?: never;
        head?: never;
        /**
         * Change a schedule
         * @description What is left out stays. A key that changes what it runs or when, or makes it active, is its maker from then on: its runs act as that key. Needs runs:read, too: the answer is the whole schedule.
         */
        patch: operations["schedulesPatch"];
        trace?: never;
    };
    "/v1/schedules/{scheduleId}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a schedule now
         * @description Creates its run at once, beside its times, also while it is paused. The run acts as the key that asks. A key that does not hold runs:read is answered a RunHandle alone.
         */
        post: operations["schedulesRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhooks
         * @description The webhooks of the workspace, newest first.
         */
        get: operations["webhooksList"];
        put?: never;
        /**
         * Make a webhook
         * @description Events that happen from now on are posted to the address, signed as Standard Webhooks has it. The key must hold runs:read, too. A workspace has 20 webhooks at most.
         */
        post: operations["webhooksCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{webhookId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a webhook
         * @description With how it fares: since when it fails, and why Errand switched it off.
         */
        get: operations["webhooksGet"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook
         * @description What is on its way at this moment may still arrive.
         */
        delete: operations["webhooksDelete"];
        options?: never;
        head?: never;
        /**
         * Change a webhook
         * @description What is left out stays. While it is not active nothing is told; deliveries that are pending go on when it is active again. The key must hold runs:read, too.
         */
        patch: operations["webhooksPatch"];
        trace?: never;
    };
    "/v1/webhooks/{webhookId}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change the secret of a webhook
         * @description For 24 hours both secrets sign, so that a receiver that knows one of them accepts what comes. A second rotation ends the oldest secret at once. The key must hold runs:read, too.
         */
        post: operations["webhooksRotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{webhookId}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test to a webhook
         * @description Posts an event webhook.test, whatever events the webhook asks for.
         */
        post: operations["webhooksTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{webhookId}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the deliveries of a webhook
         * @description What was posted and what is still to be, newest first. Kept for 30 days (ERRAND_WEBHOOK_DAYS).
         */
        get: operations["webhooksDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Post a delivery again
         * @description With the same body and the same webhook-id, now and up to 14 times.
         */
        post: operations["webhooksRedeliver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API keys
         * @description The API keys of the workspace, newest first.
         */
        get: operations["apiKeysList"];
        put?: never;
        /**
         * Make an API key
         * @description Only this answer contains the key.
         */
        post: operations["apiKeysCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{apiKeyId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description The process that answers refuses the key at once, all processes within 30 seconds. Its open streams end within a minute. A second request changes nothing.
         */
        delete: operations["apiKeysRevoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{apiKeyId}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rotate an API key
         * @description Creates a key with the same principal, name and scopes. The old one expires after the overlap. If the old key has an expiry, the new one gets the same lifetime.
         */
        post: operations["apiKeysRotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List users
         * @description End users for whom there was a run or a credential.
         */
        get: operations["usersList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a user
         * @description An end user: the integrations that they are connected to, and their last run.
         */
        get: operations["usersGet"];
        put?: never;
        post?: never;
        /**
         * Erase a user's credentials
         * @description Erases the credentials of the user at all integrations and removes the user from them. Runs stay. For an unknown user nothing is erased.
         */
        delete: operations["usersErase"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get usage
         * @description Runs, calls, errors, tokens, cost and durations of runs that have ended. It needs runs:read: all of it can be computed from runs. Counts outlive the runs: days are kept for 400 days. Tells nothing of runs that have not ended.
         */
        get: operations["usageGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the audit log
         * @description What was done in the workspace, newest first. To export it, follow nextCursor. Reading a first page is recorded, too.
         */
        get: operations["auditList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show what a link asks
         * @description The link of an event leads here; its token is the permission, and no API key is needed to read. With `Accept: text/html` a page with the buttons Approve and Deny, else JSON. Looking never decides: GET and HEAD change nothing. One exception is made for programs: with a valid API key that holds `approvals:decide`, and unless HTML is asked for, GET decides at once as the link says, and answers with the decision.
         */
        get: operations["approvalsShow"];
        put?: never;
        /**
         * Decide by link
         * @description Decides as the link says, once; the same decision again answers the same. The token is the permission. The form of the page is accepted, too, with the cookie that the page has set.
         */
        post: operations["approvalsDecideByLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/question": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a question
         * @description The link of a `question` event leads here; its token is the permission, and no API key is needed. With `Accept: text/html` a page on which to answer, else JSON. Looking never answers.
         */
        get: operations["questionsShow"];
        put?: never;
        /**
         * Answer by link
         * @description Answers a question, once; the same answer again is answered the same. The token is the permission. The form of the page is accepted, too, with the cookie that the page has set.
         */
        post: operations["questionsAnswerByLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/input": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show what a service asks
         * @description The link of an `input` event leads here; its token is the permission, and no API key is needed. With `Accept: text/html` a page on which to answer, else JSON. Looking never answers, and opens nothing.
         */
        get: operations["inputsShow"];
        put?: never;
        /**
         * Answer a service by link
         * @description Answers what a service asks, once; the same answer again is answered the same. The token is the permission. The form of the page is accepted, too, with the cookie that the page has set.
         */
        post: operations["inputsAnswerByLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "run.end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A run has ended.
         * @description Signed by the secret of the webhook (https://www.standardwebhooks.com). At least once: tried up to 14 times in some 28 hours, until a 2xx comes within 15 seconds. The order is not kept. 410 switches the webhook off.
         */
        post: operations["webhookRunEnd"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "run.waiting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A run goes no further until a human acts. Told each time it comes to rest.
         * @description Signed by the secret of the webhook (https://www.standardwebhooks.com). At least once: tried up to 14 times in some 28 hours, until a 2xx comes within 15 seconds. The order is not kept. 410 switches the webhook off.
         */
        post: operations["webhookRunWaiting"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "connection.needs_reconnect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A service no longer takes a credential: its owner must give another, or consent again.
         * @description Signed by the secret of the webhook (https://www.standardwebhooks.com). At least once: tried up to 14 times in some 28 hours, until a 2xx comes within 15 seconds. The order is not kept. 410 switches the webhook off.
         */
        post: operations["webhookConnectionNeedsReconnect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "schedule.refused": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A run of a schedule could not be created. The schedule goes on at its next time.
         * @description Signed by the secret of the webhook (https://www.standardwebhooks.com). At least once: tried up to 14 times in some 28 hours, until a 2xx comes within 15 seconds. The order is not kept. 410 switches the webhook off.
         */
        post: operations["webhookScheduleRefused"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "schedule.paused": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Errand has paused a schedule.
         * @description Signed by the secret of the webhook (https://www.standardwebhooks.com). At least once: tried up to 14 times in some 28 hours, until a 2xx comes within 15 seconds. The order is not kept. 410 switches the webhook off.
         */
        post: operations["webhookSchedulePaused"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "webhook.disabled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Errand has switched a webhook off. Told to the others.
         * @description Signed by the secret of the webhook (https://www.standardwebhooks.com). At least once: tried up to 14 times in some 28 hours, until a 2xx comes within 15 seconds. The order is not kept. 410 switches the webhook off.
         */
        post: operations["webhookWebhookDisabled"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "webhook.test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Somebody asked for a test.
         * @description Signed by the secret of the webhook (https://www.standardwebhooks.com). At least once: tried up to 14 times in some 28 hours, until a 2xx comes within 15 seconds. The order is not kept. 410 switches the webhook off.
         */
        post: operations["webhookWebhookTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /**
         * @description Repeat a request with the same key and it is carried out once; the first answer comes again.
         * @example 5f0c2f1e-order-42
         */
        IdempotencyKey: string;
        /**
         * @description Names an integration of the workspace: letters, digits, _ and -; case counts. Chosen when the integration was registered, else a readable slug and 8 hexadecimal digits.
         * @example crm_1a2b3c4d
         */
        CustomerIntegrationId: string;
        /**
         * @description The end user on whose behalf the run acts and whose credentials it uses. Any string of yours.
         * @example user-123
         */
        UserId: string;
        /** @description Who the user is, for planning and for the values that a model writes. */
        RunUser: {
            /**
             * @description As others call the user.
             * @example Ana Lopez
             */
            name?: string;
            /**
             * @description The IANA time zone in which "tomorrow at 10" is meant. Default: that of the service (ERRAND_TIME_ZONE). Models plan in it; the built-in planner plans in UTC.
             * @example Europe/Berlin
             */
            timeZone?: string;
        };
        /**
         * @description What a human must approve. NONE: nothing. ON_START: the plan. ON_TOOL_CALL: every call. ON_WRITE: calls that change something.
         * @example NONE
         * @enum {string}
         */
        ApprovalStrategy: "NONE" | "ON_START" | "ON_TOOL_CALL" | "ON_WRITE";
        /**
         * @description A JSON Schema (draft-07), at most 64 KiB, 32 levels, 1 000 subschemas; `$ref` within the document only.
         * @example {
         *       "type": "object",
         *       "properties": {
         *         "total": {
         *           "type": "number"
         *         }
         *       },
         *       "required": [
         *         "total"
         *       ]
         *     }
         */
        JsonSchema: {
            [key: string]: unknown;
        };
        /** @description Headers and parameters that are added to the calls of one integration. */
        PassThrough: {
            customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
            /**
             * @description Headers to add.
             * @example {
             *       "Authorization": "Bearer …",
             *       "x-tenant": "eu"
             *     }
             */
            headers?: {
                [key: string]: string;
            };
            /**
             * @description Query parameters to add.
             * @example {
             *       "locale": "en"
             *     }
             */
            query?: {
                [key: string]: string;
            };
        };
        /** @description Limits of a run. Reaching one ends it with all done work kept. */
        Budget: {
            /**
             * @description Most steps.
             * @example 20
             */
            maxSteps?: number;
            /**
             * @description Most calls of tools.
             * @example 50
             */
            maxToolCalls?: number;
            /**
             * @description Most tokens, read and written.
             * @example 100000
             */
            maxTokens?: number;
            /**
             * @description Most seconds at work; waiting for humans does not count.
             * @example 300
             */
            maxSeconds?: number;
            /**
             * @description Most bytes of JSON that its calls may answer, together with what they are given.
             * @example 8388608
             */
            maxOutputBytes?: number;
        };
        /** @description A plan is a program of tool calls. */
        Plan: {
            /**
             * @description What the plan achieves.
             * @example Deals over 50000 of Northwind
             */
            goal: string;
            /** @description The calls. Steps that do not depend on each other run in parallel. */
            steps: components["schemas"]["PlanStep"][];
            /**
             * @description The result: a literal in which any value may be a binding, a text with values or a fill. Absent: the output of the last step.
             * @example {
             *       "$": "{'deals': steps.deals.output.items}"
             *     }
             */
            result?: components["schemas"]["Json"];
            /**
             * @description In place of a result: the plan only reads, and its planner is asked for another plan with what was read. Not in plans of callers.
             * @example plan
             * @constant
             */
            then?: "plan";
            /**
             * @description Beside `then`: the write tools that the next plan may call. They are named before anything is read; any other one asks a human.
             * @example [
             *       "crm_1a2b3c4d.createActivity"
             *     ]
             */
            mayWrite?: components["schemas"]["ToolName"][];
        };
        /** @description One tool call of a plan, or one for each item of a list. */
        PlanStep: {
            id: components["schemas"]["StepId"];
            tool: components["schemas"]["ToolName"];
            /** @description What the planner believes; when given it must be what the tool is. */
            effect?: components["schemas"]["Effect"];
            /**
             * @description Arguments as the tool's input schema groups them. Any value in them may be a binding {"$": "an expression"}, a text with values {"$text": "Call {{an expression}}"} or a value for a model {"$fill": "what it must be"}.
             * @default {}
             * @example {
             *       "query": {
             *         "accountId": {
             *           "$": "steps.account.output.items[0].id"
             *         },
             *         "minAmount": 50000
             *       }
             *     }
             */
            args: {
                [key: string]: components["schemas"]["Json"];
            };
            /**
             * @description Steps that must have ended first, beside those that the bindings name.
             * @example [
             *       "account"
             *     ]
             */
            dependsOn?: components["schemas"]["StepId"][];
            /**
             * @description Why the step is there, for people.
             * @example Its large deals
             */
            reason?: string;
            /** @description An array: the step runs once for each item. */
            forEach?: components["schemas"]["Binding"];
            pages?: components["schemas"]["Pages"];
            /** @description The step runs if this gives true, and is skipped if it gives false or nothing. Anything else fails it. */
            when?: components["schemas"]["Binding"];
            /** @description When this is true the plan ends before the step: no later step runs, and the run tells `say`. */
            unless?: components["schemas"]["Binding"];
            /**
             * @description What people are told when `unless` ends the plan: a sentence, alone or with values in it, or a binding.
             * @example Northwind has no deals over 50,000.
             */
            say?: string | components["schemas"]["Text"] | components["schemas"]["Binding"];
        };
        /**
         * @description Names a step within its plan.
         * @example deals
         */
        StepId: string;
        /**
         * @description A tool: its integration and its operation.
         * @example crm_1a2b3c4d.listDeals
         */
        ToolName: string;
        /**
         * @description read: calling the tool changes nothing. write: it may.
         * @example read
         * @enum {string}
         */
        Effect: "read" | "write";
        /** @description Any JSON value. */
        Json: unknown;
        /** @description A value computed when the step runs. */
        Binding: {
            /**
             * @description JSONata over intent, context, input, now, steps.<id>.output and, inside forEach, item and index.
             * @example steps.account.output.items[0].id
             */
            $: string;
        };
        /** @description How to read all pages of a list: the output of the step is the list of their items. */
        Pages: {
            /**
             * @description Where the items of a page are: a plain path from `page`, the answer of the tool.
             * @example {
             *       "$": "page.items"
             *     }
             */
            items: components["schemas"]["Binding"];
            /**
             * @description What leads to the next page; nothing, null, false or an empty text after the last. It also sees `page`, `pageCount` and `itemCount` (read so far), and `link`, the query parameters of the next page in the Link header.
             * @example {
             *       "$": "page.nextCursor"
             *     }
             */
            next: components["schemas"]["Binding"];
            /**
             * @description The argument that takes what `next` gives.
             * @example query.cursor
             */
            into: string;
            /**
             * @description Pages that are read at most. When there may be more, the event of the step says so.
             * @default 10
             * @example 10
             */
            max: number;
            /**
             * @description Whether the step fails when there may be more items: a sum of a part would be wrong.
             * @example true
             */
            complete?: boolean;
        };
        /** @description A text with values in it that are computed when the step runs. */
        Text: {
            /**
             * @description Words, with bindings between `{{` and `}}`.
             * @example {{steps.account.output.name}} has no deals.
             */
            $text: string;
        };
        /**
         * @description Up to 50 key/value pairs of your own. They are returned with the run, and lists can be filtered by them.
         * @example {
         *       "team": "sales"
         *     }
         */
        Metadata: {
            [key: string]: string;
        };
        /**
         * @description SUCCESS: the goal was reached and the result fits outputSchema. PARTIAL_SUCCESS: something was changed or part of the result was produced, and something failed, was denied or the budget ran out. NO_SUCCESS: nothing broke, but the goal could not be reached and nothing was changed. CANCELED: a caller cancelled, or a human denied all that was left, with nothing changed. FAILED: something broke.
         * @example RUNNING
         * @enum {string}
         */
        RunStatus: "QUEUED" | "RUNNING" | "AUTH_REQUIRED" | "PAUSED" | "SUCCESS" | "PARTIAL_SUCCESS" | "NO_SUCCESS" | "FAILED" | "CANCELED";
        /**
         * Format: uuid
         * @description Names a schedule.
         * @example 0192f0c1-7a72-7d33-8e21-6b2f4c9a1e09
         */
        ScheduleId: string;
        /**
         * @description Why a run, or one call of it, did not succeed.
         * @enum {string}
         */
        RunErrorCode: "plan_failed" | "no_plan" | "plan_invalid" | "tool_failed" | "tool_not_allowed" | "tool_args_invalid" | "tool_changed" | "pass_through_refused" | "tool_timeout" | "upstream_error" | "upstream_redirect" | "upstream_too_large" | "upstream_timeout" | "upstream_unreachable" | "url_not_allowed" | "credential_missing" | "credential_rejected" | "credential_unavailable" | "scope_missing" | "expression_failed" | "schema_too_complex" | "result_validation_failed" | "nothing_found" | "plan_ended" | "budget_exhausted" | "write_repeated" | "effect_uncertain" | "effect_skipped" | "approval_denied" | "approval_mismatch" | "consent_denied" | "output_unknown" | "question_unanswered" | "input_declined" | "input_unanswered" | "input_refused" | "input_expired" | "model_failed" | "run_crashed" | "canceled" | "internal";
        /**
         * Format: uuid
         * @description Names a run. Version 7: ids sort by creation time.
         * @example 0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01
         */
        RunId: string;
        /**
         * @description Names the call within its run.
         * @example deals
         * @example owners.2
         */
        ToolCallId: string;
        /**
         * Format: uuid
         * @description Names the plan of a run.
         * @example 0192f0c1-7a3f-7d02-8a10-5b1c9e7d4402
         */
        ExecutionPlanId: string;
        /** @description Decisions about several plans and calls that wait. */
        DecidePending: {
            /** @description The decisions, in their order. */
            decisions: components["schemas"]["DecideApproval"][];
        };
        /** @description A decision about a plan or a call that waits. */
        DecideApproval: {
            approvalId: components["schemas"]["ApprovalId"];
            decision: components["schemas"]["ApprovalDecision"];
            /**
             * @description Why, for the record and for the planner.
             * @example Too expensive
             */
            reason?: string;
            /**
             * @description With approve, for a call: make it with these arguments instead. They must fit the tool's input schema; what was changed is recorded.
             * @example {
             *       "body": {
             *         "amount": 100
             *       }
             *     }
             */
            args?: {
                [key: string]: components["schemas"]["Json"];
            };
            always?: components["schemas"]["AlwaysAllow"];
        };
        /**
         * Format: uuid
         * @description Names one decision request.
         * @example 0192f0c1-7a40-7e93-b7c4-90c2d3e5a703
         */
        ApprovalId: string;
        /**
         * @description approve: it is done. deny: it is not; the run goes on without it where it can.
         * @example approve
         * @enum {string}
         */
        ApprovalDecision: "approve" | "deny";
        /** @description With approve, for a call: an approval rule for the tool and the user of the run. */
        AlwaysAllow: {
            /**
             * Format: date-time
             * @description From then on it is asked again; a year ahead at most. Default: 30 days.
             * @example 2027-01-31T09:30:00.000Z
             */
            until?: string;
            /**
             * @description The arguments that pass, as a JSON Schema (draft-07). Default: exactly those that are approved.
             * @example {
             *       "properties": {
             *         "body": {
             *           "properties": {
             *             "amount": {
             *               "maximum": 100
             *             }
             *           },
             *           "required": [
             *             "amount"
             *           ]
             *         }
             *       }
             *     }
             */
            argsSchema?: components["schemas"]["JsonSchema"];
        };
        /** @description Calls that shall need no approval any more. */
        CreateApprovalRule: {
            tool: components["schemas"]["ToolName"];
            /** @description For runs of this user alone; without it for every user. */
            userId?: components["schemas"]["UserId"];
            /**
             * @description The arguments that pass, as a JSON Schema (draft-07); without it all that the tool takes.
             * @example {
             *       "properties": {
             *         "body": {
             *           "properties": {
             *             "amount": {
             *               "maximum": 100
             *             }
             *           },
             *           "required": [
             *             "amount"
             *           ]
             *         }
             *       }
             *     }
             */
            argsSchema?: components["schemas"]["JsonSchema"];
            /**
             * Format: date-time
             * @description From then on it is asked again; at most a year ahead.
             * @example 2027-01-31T09:30:00.000Z
             */
            expiresAt: string;
            /**
             * @description Why, for the record.
             * @example Small amounts are fine.
             */
            reason?: string;
        };
        /**
         * Format: uuid
         * @description Names an approval rule.
         * @example 0192f0c1-7a60-7b21-8f35-9d0c4e2b6a06
         */
        ApprovalRuleId: string;
        /**
         * Format: uuid
         * @description Names a call of which it is not known whether it took effect.
         * @example 0192f0c1-7a41-7a04-8c11-2d6f8e9b0c04
         */
        EffectId: string;
        /**
         * @description retry: make the call again, under the same Idempotency-Key. happened: the call took effect; go on as if it had answered with `output`. skip: go on without it.
         * @example happened
         * @enum {string}
         */
        EffectDecision: "retry" | "happened" | "skip";
        /**
         * Format: uuid
         * @description Names a question to a person, or what a service asks one in the middle of a call.
         * @example 0192f0c1-7a43-7c26-8e33-4f8a0bad2e06
         */
        QuestionId: string;
        /**
         * @description Names an action of the workspace; case counts. Chosen when it was kept.
         * @example large-deals
         */
        ActionKey: string;
        /** @description A run to keep as an action. */
        KeepAction: {
            runId: components["schemas"]["RunId"];
            key: components["schemas"]["ActionKey"];
            /**
             * @description Which values become inputs, and what they may be: its properties are some of the names that `values` of an answer has. Default: all that the run said.
             * @example {
             *       "type": "object",
             *       "properties": {
             *         "accountName": {
             *           "type": "string",
             *           "title": "Name",
             *           "examples": [
             *             "Northwind"
             *           ]
             *         }
             *       },
             *       "required": [
             *         "accountName"
             *       ],
             *       "additionalProperties": false
             *     }
             */
            inputSchema?: components["schemas"]["JsonSchema"];
        };
        /** @description How to authenticate at the service. */
        Auth: {
            /**
             * @description No credential.
             * @constant
             */
            type: "NONE";
        } | {
            /**
             * @description A token in a header or a query parameter.
             * @constant
             */
            type: "API_TOKEN";
            /**
             * @description Used for every user of the workspace who has no token of their own.
             * @example crm_…
             */
            token?: string;
            /**
             * @description Where the token is sent. Default: as the document's security scheme says.
             * @example header
             * @enum {string}
             */
            in?: "header" | "query";
            /**
             * @description Name of the header or parameter. Default: as the document's security scheme says.
             * @example Authorization
             */
            name?: string;
            /**
             * @description Text before the token.
             * @example Bearer
             */
            prefix?: string;
        } | {
            /**
             * @description Each user consents at an authorization server (authorization code with PKCE).
             * @constant
             */
            type: "OAUTH2";
            /**
             * Format: uri
             * @description The authorization server; its metadata gives the endpoints. Default: the security scheme of the OpenAPI document, or what the MCP server names.
             * @example https://auth.example.com
             */
            issuer?: string;
            /**
             * Format: uri
             * @description Authorization endpoint, for a server without metadata.
             * @example https://auth.example.com/authorize
             */
            authorizationUrl?: string;
            /**
             * Format: uri
             * @description Token endpoint, for a server without metadata.
             * @example https://auth.example.com/token
             */
            tokenUrl?: string;
            /**
             * Format: uri
             * @description Revocation endpoint, for a server without metadata.
             * @example https://auth.example.com/revoke
             */
            revocationUrl?: string;
            /**
             * @description The client id at the authorization server. An MCP server needs none if its authorization server registers clients by itself.
             * @example errand
             */
            clientId?: string;
            /**
             * @description The client secret; absent for a public client. Stored sealed; never shown again.
             * @example s3cr3t
             */
            clientSecret?: string;
            /**
             * @description How the secret is sent. Default: as the server's metadata says, else client_secret_basic.
             * @example client_secret_basic
             * @enum {string}
             */
            clientAuthentication?: "client_secret_basic" | "client_secret_post" | "none";
            /**
             * @description The scopes that users are asked to grant. Default: those of the operations in the document, or those that the MCP server wants.
             * @example [
             *       "calendar.read",
             *       "calendar.write"
             *     ]
             */
            scopes?: string[];
            /**
             * Format: uri
             * @description The service that tokens are for (RFC 8707), if the authorization server wants to know.
             * @example https://api.example.com/
             */
            resource?: string;
            /**
             * @description The same as resource, for servers that call it audience.
             * @example https://api.example.com/
             */
            audience?: string;
            /**
             * @description More parameters of the authorization request. One with the name of a standard parameter is ignored when Errand sends that one.
             * @example {
             *       "access_type": "offline",
             *       "prompt": "consent"
             *     }
             */
            parameters?: {
                [key: string]: string;
            };
        } | {
            /**
             * @description A role is assumed, in a session named after the user, and each call is signed.
             * @constant
             */
            type: "AWS_ASSUME_ROLE";
            /**
             * @description The role to assume.
             * @example arn:aws:iam::123456789012:role/errand
             */
            roleArn: string;
            /**
             * @description Region that the service is in.
             * @example eu-central-1
             */
            region: string;
            /**
             * @description Service name in the AWS signature (SigV4).
             * @example execute-api
             */
            service: string;
            /**
             * @description The external id that the role's trust policy requires.
             * @example errand-4711
             */
            externalId?: string;
            /**
             * @description Key that may assume the role.
             * @example AKIAIOSFODNN7EXAMPLE
             */
            accessKeyId: string;
            /**
             * @description Its secret. Stored sealed; never shown again.
             * @example wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
             */
            secretAccessKey: string;
            /**
             * @description Lifetime of a session in seconds. Default: an hour.
             * @example 3600
             */
            durationSeconds?: number;
        } | {
            /**
             * @description Google issues tokens for the key of a service account.
             * @constant
             */
            type: "GOOGLE_SERVICE_ACCOUNT_OAUTH";
            /**
             * @description The JSON key file, as text. Stored sealed; never shown again.
             * @example {"type":"service_account","client_email":"…","private_key":"…"}
             */
            serviceAccountKey: string;
            /**
             * @description The scopes of the tokens.
             * @example [
             *       "https://www.googleapis.com/auth/calendar"
             *     ]
             */
            scopes: string[];
            /**
             * @description Act for the end user by domain-wide delegation: the userId of a run must be their e-mail address. Default: the account acts for itself.
             * @example false
             */
            actAsUser?: boolean;
        };
        /** @description Where a rating comes from. */
        FeedbackSource: {
            /**
             * @description Who rates.
             * @example user
             * @enum {string}
             */
            type: "user" | "evaluator" | "api";
            /**
             * @description The user who rates.
             * @example user-123
             */
            userId?: string;
            /** @description Where the rating was given. */
            metadata?: {
                /**
                 * @description Device.
                 * @example laptop
                 */
                device?: string;
                /**
                 * @description Platform.
                 * @example web
                 */
                platform?: string;
                /**
                 * @description Version of it.
                 * @example 17.2
                 */
                version?: string;
                /**
                 * @description Session.
                 * @example s-1
                 */
                sessionId?: string;
                /**
                 * @description User agent.
                 * @example Mozilla/5.0
                 */
                userAgent?: string;
            };
        };
        /** @description What was running when the rating was given. */
        FeedbackMetadata: {
            /**
             * @description Version of your product.
             * @example 1.4.0
             */
            version?: string;
            /**
             * @description Session.
             * @example s-1
             */
            sessionId?: string;
            /**
             * @description Experiment.
             * @example exp-7
             */
            experimentId?: string;
            /**
             * @description Environment.
             * @example production
             */
            environment?: string;
            /**
             * @description Version of the client.
             * @example 2.0.1
             */
            clientVersion?: string;
        };
        /** @description A schedule to make. */
        CreateSchedule: {
            /**
             * @description What it is for.
             * @example Sales of the week
             */
            name: string;
            /**
             * @description When: minute, hour, day of the month, month, day of the week, as cron has them (`*`, `5`, `1-5`, `*\/15`, `MON`, `L` for the last day, `5#2` for the second Friday). When both days are given, either is enough.
             * @example 0 9 * * 1
             */
            cron: string;
            /**
             * @description The IANA time zone of cron. A time that the clocks skip comes when the skipped hour is over; one that comes twice counts once.
             * @default UTC
             * @example Europe/Berlin
             */
            timeZone: string;
            /**
             * @description What happens when the run before has not ended. skip: this time is left out. queue: it waits until then; one waits at most, and the times in between are told as missed.
             * @default skip
             * @example skip
             * @enum {string}
             */
            overlap: "skip" | "queue";
            /**
             * @description Whether it creates runs.
             * @default true
             * @example true
             */
            active: boolean;
            run: components["schemas"]["ScheduledRun"];
        };
        /** @description An errand as it is created each time: all fields of a run but passThrough and startAt. */
        ScheduledRun: {
            /**
             * @description The goal, in natural language.
             * @example Create a summary of the latest sales data
             */
            intent: string;
            /**
             * @description The integrations that may be used, or ["*"] for all that are active when the run starts.
             * @example [
             *       "*"
             *     ]
             * @example [
             *       "crm_1a2b3c4d"
             *     ]
             */
            selectedCustomerIntegrationIds: "*"[] | components["schemas"]["CustomerIntegrationId"][];
            /**
             * @description Execution detail that need not be in the intent, often key=value; key=value.
             * @default
             * @example Focus on Q4 2023 data with regional breakdown
             */
            context: string;
            userId: components["schemas"]["UserId"];
            user?: components["schemas"]["RunUser"];
            /** @default NONE */
            approvalStrategy: components["schemas"]["ApprovalStrategy"];
            /**
             * @description A run repeats the plan of an earlier successful run with the same key, intent, schema and user. Default: the run's own id, so that nothing is repeated.
             * @example weekly-sales
             */
            repeatKey?: string;
            /** @description The wanted shape of the result. */
            outputSchema?: components["schemas"]["JsonSchema"];
            budget?: components["schemas"]["Budget"];
            /** @description Your own plan. It is checked, then executed unchanged, without planning. */
            plan?: components["schemas"]["Plan"];
            /** @default {} */
            metadata: components["schemas"]["Metadata"];
            /**
             * @description Orders the runs of a workspace that wait for their turn: higher ones first, then older ones. It has no effect between workspaces, which take turns.
             * @default 0
             * @example 5
             */
            priority: number;
        };
        /**
         * @description run.end: a run has ended. run.waiting: a run goes no further until a human acts. connection.needs_reconnect: a service no longer takes a credential, and only its owner can mend that. schedule.refused: a run of a schedule could not be created. schedule.paused: Errand has paused a schedule. webhook.disabled: Errand has switched another webhook off.
         * @example run.end
         * @enum {string}
         */
        WebhookEvent: "run.end" | "run.waiting" | "connection.needs_reconnect" | "schedule.refused" | "schedule.paused" | "webhook.disabled";
        /**
         * Format: uuid
         * @description Names a webhook.
         * @example 0192f0c1-7a70-7d33-8e21-6b2f4c9a1e07
         */
        WebhookId: string;
        /**
         * Format: uuid
         * @description Names a delivery: one event on its way to one webhook.
         * @example 0192f0c1-7a71-7d33-8e21-6b2f4c9a1e08
         */
        DeliveryId: string;
        /**
         * @description What a key may do; `admin` may do everything, also with keys.
         * @example runs:read
         * @enum {string}
         */
        Scope: "runs:read" | "runs:write" | "approvals:decide" | "connections:write" | "webhooks:write" | "admin";
        /**
         * Format: uuid
         * @description Names an API key. It is not the key.
         * @example 0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04
         */
        ApiKeyId: string;
        /**
         * @description What each row is of: a day (UTC), a status, an integration, a tool or a user. A run counts in the row of each integration and tool that it called.
         * @example day
         * @enum {string}
         */
        UsageBy: "day" | "status" | "integration" | "tool" | "user";
        /**
         * @description What was done. The word before the dot is the kind of the target.
         * @example credential.stored
         * @enum {string}
         */
        AuditAction: "api_key.created" | "api_key.rotated" | "api_key.revoked" | "integration.created" | "integration.changed" | "integration.deleted" | "tools.chosen" | "credential.stored" | "credential.revoked" | "credential.erased" | "credential.used" | "credential.rejected" | "approval.asked" | "approval.shown" | "approval.decided" | "approval_rule.created" | "approval_rule.revoked" | "consent.asked" | "consent.decided" | "effect.asked" | "effect.resolved" | "question.asked" | "question.shown" | "question.decided" | "input.asked" | "input.shown" | "input.decided" | "webhook.created" | "webhook.changed" | "webhook.rotated" | "webhook.deleted" | "webhook.disabled" | "action.kept" | "action.changed" | "action.deleted" | "schedule.created" | "schedule.changed" | "schedule.deleted" | "schedule.paused" | "audit.read";
        /** @description A decision by the holder of a link. */
        DecideByLink: {
            /**
             * @description The token of the link; it also says what is decided.
             * @example AZLw…
             */
            token: string;
            /**
             * @description Why, for the record and for the planner.
             * @example Too expensive
             */
            reason?: string;
            /**
             * @description What the approver saw, as GET answered it; refused when it is no longer what would be done.
             * @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
             */
            argsSha256?: string;
        };
        /** @description A decision on the page. */
        DecideByForm: {
            /**
             * @description The token of the link; it also says what is decided.
             * @example AZLw…
             */
            token: string;
            /**
             * @description Why, for the record and for the planner.
             * @example Too expensive
             */
            reason?: string;
            /**
             * @description What the page showed.
             * @example 9f86d081…
             */
            argsSha256: string;
            /**
             * @description Binds the form to the browser that it was made for.
             * @example k3Zq…
             */
            csrf: string;
        };
        /** @description An answer by the holder of a link. */
        AnswerByLink: {
            /**
             * @description The token of the link.
             * @example AZLw…
             */
            token: string;
            /**
             * @description The value of the chosen answer; an object that fits `requestedSchema` where there is one; else words of the person; null for no answer: what needs it is then not done.
             * @example con_000017
             */
            answer: string | number | boolean | null | {
                [key: string]: string | number | boolean;
            };
        };
        /** @description An answer on the page. */
        AnswerByForm: {
            /**
             * @description The token of the link.
             * @example AZLw…
             */
            token: string;
            /**
             * @description Binds the form to the browser that it was made for.
             * @example k3Zq…
             */
            csrf: string;
            /**
             * @description The number of the chosen answer, from 0.
             * @example 0
             */
            choice?: string;
            /**
             * @description The answer in words.
             * @example The one in Berlin
             */
            text?: string;
            /**
             * @description Set for no answer.
             * @constant
             */
            none?: "true";
        };
        /** @description An answer by the holder of a link. */
        AnswerInputByLink: {
            /**
             * @description accept: here is the answer, or the page was opened. decline: the user does not want to answer. cancel: the user has put it aside. The service is told.
             * @example accept
             * @enum {string}
             */
            action: "accept" | "decline" | "cancel";
            /**
             * @description What was entered, by the names of the form; with accept alone, and not for a page to open.
             * @example {
             *       "seats": 2
             *     }
             */
            content?: {
                [key: string]: string | number | boolean | string[];
            };
            /**
             * @description The token of the link.
             * @example AZLw…
             */
            token: string;
        };
        /** @description An answer on the page. */
        AnswerInputByForm: {
            /**
             * @description The token of the link.
             * @example AZLw…
             */
            token: string;
            /**
             * @description Binds the form to the browser that it was made for.
             * @example k3Zq…
             */
            csrf: string;
            /**
             * @description accept: here is the answer, or the page was opened. decline: the user does not want to answer. cancel: the user has put it aside. The service is told.
             * @example accept
             * @enum {string}
             */
            action: "accept" | "decline" | "cancel";
        };
        /** @description A run has ended. */
        RunEndWebhook: {
            /**
             * @description What is told.
             * @constant
             */
            type: "run.end";
            /** @description When it happened. */
            timestamp: components["schemas"]["Timestamp"];
            data: components["schemas"]["WebhookRunData"];
        };
        /**
         * Format: date-time
         * @description ISO-8601, UTC, milliseconds.
         * @example 2026-01-31T09:30:00.000Z
         */
        Timestamp: string;
        /** @description An event of a run, and the run. */
        WebhookRunData: {
            /** @description The event, as streams and lists show it, without result, tool calls and links. Absent when it has more than 32 KiB: GET /v1/runs/{runId}/events has it. */
            event?: components["schemas"]["RunEvent"];
            run: components["schemas"]["WebhookRun"];
        };
        /** @description One event of a run. The log of events is the truth; the run is its fold. An event that asks a human says AUTH_REQUIRED (for a consent or credential) or PAUSED in runStatus, also while other steps go on: the status of the run stays RUNNING until none does, and events of those steps say RUNNING. */
        RunEvent: components["schemas"]["StartEvent"] | components["schemas"]["StatusEvent"] | components["schemas"]["StepEvent"] | components["schemas"]["AuthenticationEvent"] | components["schemas"]["RunApprovalEvent"] | components["schemas"]["RunActionEvent"] | components["schemas"]["QuestionEvent"] | components["schemas"]["InputEvent"] | components["schemas"]["AnswerEvent"] | components["schemas"]["EndEvent"];
        /** @description The run has started. */
        StartEvent: {
            /**
             * @description The name of the event. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "start";
            /**
             * @description Its number in the run: 1, 2, 3 … without gaps; the id on a stream.
             * @example 1
             */
            seq: number;
            runId: components["schemas"]["RunId"];
            runStatus: components["schemas"]["RunStatus"];
            timestamp: components["schemas"]["Timestamp"];
        };
        /** @description The status changed, or something worth knowing happened. */
        StatusEvent: {
            /**
             * @description The name of the event. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "status";
            /**
             * @description Its number in the run: 1, 2, 3 … without gaps; the id on a stream.
             * @example 1
             */
            seq: number;
            runId: components["schemas"]["RunId"];
            runStatus: components["schemas"]["RunStatus"];
            timestamp: components["schemas"]["Timestamp"];
            /**
             * @description Why.
             * @example Planned again: a tool is gone.
             */
            reason?: string;
        };
        /** @description A step was taken, or waits for approval. */
        StepEvent: {
            /**
             * @description The name of the event. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "step";
            /**
             * @description Its number in the run: 1, 2, 3 … without gaps; the id on a stream.
             * @example 1
             */
            seq: number;
            runId: components["schemas"]["RunId"];
            runStatus: components["schemas"]["RunStatus"];
            timestamp: components["schemas"]["Timestamp"];
            step: components["schemas"]["Step"];
        };
        /** @description One step of the plan. */
        Step: {
            stepId: components["schemas"]["StepId"];
            approvalId?: components["schemas"]["ApprovalId"];
            effectId?: components["schemas"]["EffectId"];
            /**
             * @description What the step does: the name of the integration and the title of the operation.
             * @example Demo CRM: List deals
             */
            title?: string;
            /**
             * @description waiting: a call of it waits for a human. skipped: there was nothing to do. blocked: a step that it needs did not succeed.
             * @example done
             * @enum {string}
             */
            state?: "waiting" | "done" | "failed" | "denied" | "skipped" | "blocked";
            /** @description When its first call was about to be sent; absent without one. */
            startedAt?: components["schemas"]["Timestamp"];
            /** @description When its last call had ended. */
            endedAt?: components["schemas"]["Timestamp"];
            /**
             * @description Why the step is taken.
             * @example Find the account
             */
            reason: string;
            /**
             * @description Where its approval stands.
             * @example NOT_REQUIRED
             * @enum {string}
             */
            approval: "APPROVED" | "DENIED" | "PENDING" | "NOT_REQUIRED";
            /** @description Links for a pending approval, for keys that may decide. */
            approvalActions?: components["schemas"]["ApprovalAction"][];
            /** @description Only when asked for by includeToolCalls. */
            toolCalls?: components["schemas"]["ToolCall"][];
            /**
             * @description What happened, in words.
             * @example Demo CRM answered with 3 deals.
             */
            text?: string;
        };
        /** @description A link that leads to a decision. */
        ApprovalAction: {
            /**
             * @description What the link does.
             * @example approve
             * @enum {string}
             */
            action: "approve" | "deny";
            /**
             * @description Page that shows what is asked and has the button.
             * @example https://errand.example/v1/runs/approval?token=…
             */
            url: string;
        };
        /** @description One call of a tool and what came of it. */
        ToolCall: {
            toolCallId: components["schemas"]["ToolCallId"];
            toolName: components["schemas"]["ToolName"];
            /** @description The arguments of the call; absent where they are left out. */
            toolParameters?: components["schemas"]["Json"];
            /** @description Absent until the call has ended. */
            toolResult?: {
                approvalResult: {
                    /**
                     * @description What was decided.
                     * @example NOT_REQUIRED
                     * @enum {string}
                     */
                    status: "APPROVED" | "DENIED" | "NOT_REQUIRED";
                    /**
                     * @description The same in words.
                     * @example No approval was required.
                     */
                    text: string;
                };
                /** @description What the tool answered, or {error: {code, message}}; absent where it is left out. */
                executionResult?: components["schemas"]["Json"];
            };
            /**
             * @description intended: it waits for approval. uncertain: nobody knows whether it took effect. skipped: uncertain, and somebody decided to go on without it.
             * @example done
             * @enum {string}
             */
            state?: "intended" | "running" | "done" | "failed" | "uncertain" | "skipped" | "denied";
            effect?: components["schemas"]["Effect"];
            /** @description When its first attempt was about to be sent. */
            startedAt?: components["schemas"]["Timestamp"];
            /** @description When its outcome was recorded, milliseconds after it was known. */
            endedAt?: components["schemas"]["Timestamp"];
            /**
             * @description How often it was sent.
             * @example 1
             */
            attempts?: number;
            /** @description What a model used to write values of its arguments; absent when none did. */
            usage?: {
                /**
                 * @description Tokens that the model read.
                 * @example 812
                 */
                inputTokens: number;
                /**
                 * @description Tokens that the model wrote.
                 * @example 64
                 */
                outputTokens: number;
            };
            request?: components["schemas"]["RequestLine"];
            /** @description Present when arguments and answer had no room here. */
            leftOut?: {
                /**
                 * @description How large arguments and answer are together.
                 * @example 262144
                 */
                bytes: number;
                /**
                 * @description Where the call is read whole.
                 * @example /v1/runs/0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01/calls/deals
                 */
                path: string;
            };
        };
        /** @description The HTTP request of a call; absent where the tool is none of an OpenAPI document. */
        RequestLine: {
            /**
             * @description The HTTP method.
             * @example POST
             */
            method: string;
            /**
             * @description Where it is sent.
             * @example crm.example.com
             */
            host: string;
            /**
             * @description The path, with the names of its parameters.
             * @example /deals/{dealId}
             */
            path: string;
        };
        /** @description A credential is needed, given or refused. */
        AuthenticationEvent: {
            /**
             * @description The name of the event. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "authentication";
            /**
             * @description Its number in the run: 1, 2, 3 … without gaps; the id on a stream.
             * @example 1
             */
            seq: number;
            runId: components["schemas"]["RunId"];
            runStatus: components["schemas"]["RunStatus"];
            timestamp: components["schemas"]["Timestamp"];
            auth: components["schemas"]["Authentication"];
        };
        /** @description A credential of the user: needed, given or refused. */
        Authentication: {
            /**
             * @description A consent or credential is missing.
             * @constant
             */
            status: "required";
            customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
            /**
             * @description Its name, for people.
             * @example CRM
             */
            integrationName: string;
            /**
             * Format: uuid
             * @description The id of the decision request.
             * @example 0192f0c1-7a42-7b15-9d22-3e7f9fac1d05
             */
            consentId?: string;
            /**
             * @description The page on which the user gives it. The holder of this link can store a credential for the user, so only keys with connections:write see it.
             * @example https://errand.example/v1/connect/…
             */
            url?: string;
        } | {
            /**
             * @description It was given.
             * @constant
             */
            status: "success";
            customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
        } | {
            /**
             * @description It was refused.
             * @constant
             */
            status: "denied";
            customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
        };
        /** @description The plan waits for approval. */
        RunApprovalEvent: {
            /**
             * @description The name of the event. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "run_approval";
            /**
             * @description Its number in the run: 1, 2, 3 … without gaps; the id on a stream.
             * @example 1
             */
            seq: number;
            runId: components["schemas"]["RunId"];
            runStatus: components["schemas"]["RunStatus"];
            timestamp: components["schemas"]["Timestamp"];
            approvalId: components["schemas"]["ApprovalId"];
            /** @description Links, for keys that may decide. */
            approvalActions?: components["schemas"]["ApprovalAction"][];
            plan: components["schemas"]["ExecutionPlan"];
            /**
             * @description The plan in words: its goal, and a numbered line for each step.
             * @example Deals of Northwind
             *
             *     1. List accounts matching "Northwind"
             *     2. List deals of the account found in 1
             */
            text?: string;
            expiresAt: components["schemas"]["Timestamp"];
        };
        /** @description The plan of a run. */
        ExecutionPlan: {
            /**
             * @description Planning is not done.
             * @constant
             */
            planType: "text";
            /**
             * @description A placeholder.
             * @example Planning has not finished.
             */
            plan: string;
        } | {
            /**
             * @description The plan is a program.
             * @constant
             */
            planType: "json";
            plan: components["schemas"]["Plan"];
            /**
             * @description What the run of an action was given.
             * @example {
             *       "accountName": "Contoso"
             *     }
             */
            input?: {
                [key: string]: components["schemas"]["Json"];
            };
        };
        /** @description Somebody decided. */
        RunActionEvent: {
            /**
             * @description The name of the event. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "run_action";
            /**
             * @description Its number in the run: 1, 2, 3 … without gaps; the id on a stream.
             * @example 1
             */
            seq: number;
            runId: components["schemas"]["RunId"];
            runStatus: components["schemas"]["RunStatus"];
            timestamp: components["schemas"]["Timestamp"];
            approvalId: components["schemas"]["ApprovalId"];
            /**
             * @description The decision.
             * @example approve
             * @enum {string}
             */
            action: "approve" | "deny";
            /**
             * @description Who decided; absent when the request has expired.
             * @example er_live_…k3Zq
             */
            decidedBy?: string;
            /**
             * @description Why.
             * @example Too expensive
             */
            reason?: string;
            /** @description What was changed in the arguments. */
            edits?: components["schemas"]["ArgsEdit"][];
        };
        /** @description One change that was made to the arguments (RFC 6902). */
        ArgsEdit: {
            /**
             * @description What was done.
             * @example replace
             * @enum {string}
             */
            op: "add" | "remove" | "replace";
            /**
             * @description JSON pointer into the arguments.
             * @example /body/amount
             */
            path: string;
            /**
             * @description The new value.
             * @example 100
             */
            value?: components["schemas"]["Json"];
        };
        /** @description A person is asked a question. */
        QuestionEvent: {
            /**
             * @description The name of the event. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "question";
            /**
             * @description Its number in the run: 1, 2, 3 … without gaps; the id on a stream.
             * @example 1
             */
            seq: number;
            runId: components["schemas"]["RunId"];
            runStatus: components["schemas"]["RunStatus"];
            timestamp: components["schemas"]["Timestamp"];
            requestId: components["schemas"]["QuestionId"];
            /** @description The step that asks; absent when the planner asks. */
            stepId?: components["schemas"]["StepId"];
            /**
             * @description The question, for people.
             * @example Which Alex do you mean?
             */
            question: string;
            /** @description The answers of a question to choose from; absent when people answer in words. */
            choices?: components["schemas"]["Choice"][];
            /** @description The form of a question or of a service: a flat JSON Schema whose properties are texts, numbers, yes or no, or choices. */
            requestedSchema?: components["schemas"]["JsonSchema"];
            /**
             * @description The page on which to answer, for keys that may decide.
             * @example https://errand.example/v1/runs/question?token=…
             */
            url?: string;
            expiresAt: components["schemas"]["Timestamp"];
        };
        /** @description An answer to choose, and what people read. */
        Choice: {
            /**
             * @description The answer when it is chosen.
             * @example con_000017
             */
            value: string | number | boolean;
            /**
             * @description What the person reads.
             * @example Alex Kim, Contoso
             */
            label: string;
        };
        /** @description A service asks the user something in the middle of a call. */
        InputEvent: {
            /**
             * @description The name of the event. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "input";
            /**
             * @description Its number in the run: 1, 2, 3 … without gaps; the id on a stream.
             * @example 1
             */
            seq: number;
            runId: components["schemas"]["RunId"];
            runStatus: components["schemas"]["RunStatus"];
            timestamp: components["schemas"]["Timestamp"];
            requestId: components["schemas"]["QuestionId"];
            stepId: components["schemas"]["StepId"];
            customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
            /**
             * @description The name of the integration.
             * @example Notes
             */
            integrationName: string;
            /**
             * @description What it asks.
             * @example How many seats?
             */
            text: string;
            /** @description The form of a question or of a service: a flat JSON Schema whose properties are texts, numbers, yes or no, or choices. */
            requestedSchema?: components["schemas"]["JsonSchema"];
            /**
             * @description A page of the service that the user is to open. Show its host, and open it only when the user says so; then answer with accept.
             * @example https://pay.example.com/confirm/4711
             */
            openUrl?: string;
            /**
             * @description The page on which to answer, for keys that may decide.
             * @example https://errand.example/v1/runs/input?token=…
             */
            url?: string;
            expiresAt: components["schemas"]["Timestamp"];
        };
        /** @description A person answered, or nobody answered in time. */
        AnswerEvent: {
            /**
             * @description The name of the event. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "answer";
            /**
             * @description Its number in the run: 1, 2, 3 … without gaps; the id on a stream.
             * @example 1
             */
            seq: number;
            runId: components["schemas"]["RunId"];
            runStatus: components["schemas"]["RunStatus"];
            timestamp: components["schemas"]["Timestamp"];
            requestId: components["schemas"]["QuestionId"];
            /**
             * @description The value of the chosen answer; an object that fits `requestedSchema` where there is one; else words of the person; null for no answer: what needs it is then not done.
             * @example con_000017
             */
            answer?: string | number | boolean | null | {
                [key: string]: string | number | boolean;
            };
            /**
             * @description What came of a request of a service; what was entered stands nowhere in the events.
             * @example accept
             * @enum {string}
             */
            action?: "accept" | "decline" | "cancel";
            /**
             * @description Who answered.
             * @example er_live_…k3Zq
             */
            answeredBy?: string;
            /**
             * @description expired: nobody answered in time.
             * @example expired
             * @enum {string}
             */
            reason?: "expired";
        };
        /** @description The run has ended. Nothing follows. */
        EndEvent: {
            /**
             * @description The name of the event. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "end";
            /**
             * @description Its number in the run: 1, 2, 3 … without gaps; the id on a stream.
             * @example 1
             */
            seq: number;
            runId: components["schemas"]["RunId"];
            runStatus: components["schemas"]["RunStatus"];
            timestamp: components["schemas"]["Timestamp"];
            /** @description The result, in the shape of outputSchema when there is one. */
            result?: components["schemas"]["Json"];
            error?: components["schemas"]["RunError"];
            summary?: components["schemas"]["Summary"];
        };
        /** @description Why a run did not succeed. */
        RunError: {
            code: components["schemas"]["RunErrorCode"];
            /**
             * @description What went wrong and, where that helps, what to do: words for people.
             * @example No tool fits the intent.
             */
            message: string;
            /**
             * @description Whether the same run may succeed when it is created again. Always false once a write was made, may have been made, or was about to be: the new run would make it a second time.
             * @example false
             */
            retryable: boolean;
            /** @description For developers: the parts at fault, by JSON pointer into the plan, the result or the request, where they are known. */
            errors?: {
                /**
                 * @description Where, as a JSON pointer.
                 * @example /steps/0/args
                 */
                pointer: string;
                /**
                 * @description What is wrong there.
                 * @example Unknown field
                 */
                message: string;
            }[];
        };
        /**
         * @description What the run has done or found, in a sentence or two for people, of at most 500 characters; why not, when it did not succeed. Absent while it runs, and once its outputs were removed.
         * @example Found 3 deals of Northwind with amount at least 50,000.
         */
        Summary: string;
        /** @description The head of a run, as webhooks tell it. */
        WebhookRun: {
            runId: components["schemas"]["RunId"];
            status: components["schemas"]["RunStatus"];
            /**
             * @description The goal; at most its first 1,000 characters.
             * @example Create a summary of the latest sales data
             */
            intent: string;
            userId: components["schemas"]["UserId"];
            /** @description Absent when it has more than 8 KiB. */
            metadata?: components["schemas"]["Metadata"];
            usage: components["schemas"]["Usage"];
            /** @description What a human must do, at most ten; how, but no link that decides. Only in run.waiting. */
            waitingOn?: components["schemas"]["WaitingOn"][];
            /** @description Where the result is; absent when there is none. */
            result?: {
                /**
                 * @description How large it is.
                 * @example 2048
                 */
                bytes: number;
                /**
                 * @description Where it is read, with an API key.
                 * @example /v1/runs/0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01
                 */
                path: string;
            };
            createdAt: components["schemas"]["Timestamp"];
            endedAt?: components["schemas"]["Timestamp"];
        };
        /** @description What the run has used so far. */
        Usage: {
            /**
             * @description Steps taken.
             * @example 2
             */
            steps: number;
            /**
             * @description Calls of tools, retries included.
             * @example 2
             */
            toolCalls: number;
            /**
             * @description Tokens read by models.
             * @example 0
             */
            inputTokens: number;
            /**
             * @description Those of `inputTokens` that the endpoints had in their caches.
             * @example 0
             */
            cachedInputTokens: number;
            /**
             * @description Tokens written by models.
             * @example 0
             */
            outputTokens: number;
            /**
             * @description What the models cost, by the price table of the service. Absent while no model was asked.
             * @example {
             *       "amount": 0.0042,
             *       "currency": "USD"
             *     }
             */
            cost?: {
                /**
                 * @description In units of the currency.
                 * @example 0.0042
                 */
                amount: number;
                /**
                 * @description ISO 4217.
                 * @example USD
                 */
                currency: string;
            };
            /**
             * @description Set instead of `cost` when the price of a model that was asked is not in the table.
             * @example true
             * @constant
             */
            priceUnknown?: true;
            /**
             * @description Time at work, in ms; waiting for humans does not count.
             * @example 42
             */
            activeMs: number;
        };
        /** @description Something that a human must do before the run goes on. */
        WaitingOn: {
            /**
             * @description plan: whether to carry out a plan. call: whether to make a call. consent: a consent or credential of the user. effect: whether a call took effect. question: what a person wants. input: what a service asks the user in the middle of a call.
             * @example call
             * @enum {string}
             */
            kind: "plan" | "call" | "consent" | "effect" | "question" | "input";
            approvalId?: components["schemas"]["ApprovalId"];
            effectId?: components["schemas"]["EffectId"];
            consentId?: components["schemas"]["ConsentId"];
            requestId?: components["schemas"]["QuestionId"];
            customerIntegrationId?: components["schemas"]["CustomerIntegrationId"];
            /**
             * @description What is asked, in words.
             * @example Create a ticket for Northwind at Demo CRM?
             */
            text: string;
            /** @description The answers of a question to choose from; absent when people answer in words. */
            choices?: components["schemas"]["Choice"][];
            /** @description The form of a question or of a service: a flat JSON Schema whose properties are texts, numbers, yes or no, or choices. */
            requestedSchema?: components["schemas"]["JsonSchema"];
            /** @description The request that resolves it. */
            resolveWith: {
                /**
                 * @description Its HTTP method.
                 * @example POST
                 */
                method: string;
                /**
                 * @description Its path.
                 * @example /v1/effects/0192f0c1-7a41-7a04-8c11-2d6f8e9b0c04
                 */
                path: string;
                /**
                 * @description Its body, for one of the answers.
                 * @example {
                 *       "decision": "retry"
                 *     }
                 */
                body?: components["schemas"]["Json"];
            };
            expiresAt?: components["schemas"]["Timestamp"];
        };
        /**
         * Format: uuid
         * @description Names a request for a consent or a credential.
         * @example 0192f0c1-7a42-7b15-9d22-3e7f9fac1d05
         */
        ConsentId: string;
        /** @description A run goes no further until a human acts. Told each time it comes to rest. */
        RunWaitingWebhook: {
            /**
             * @description What is told.
             * @constant
             */
            type: "run.waiting";
            /** @description When it happened. */
            timestamp: components["schemas"]["Timestamp"];
            data: components["schemas"]["WebhookRunData"];
        };
        /** @description A service no longer takes a credential: its owner must give another, or consent again. */
        NeedsReconnectWebhook: {
            /**
             * @description What is told.
             * @constant
             */
            type: "connection.needs_reconnect";
            /** @description When it happened. */
            timestamp: components["schemas"]["Timestamp"];
            data: {
                customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
                /**
                 * @description Its name, for people.
                 * @example CRM
                 */
                integrationName: string;
                /** @description Whose credential it is; absent for that of the workspace. */
                userId?: components["schemas"]["UserId"];
            };
        };
        /** @description A run of a schedule could not be created. The schedule goes on at its next time. */
        ScheduleRefusedWebhook: {
            /**
             * @description What is told.
             * @constant
             */
            type: "schedule.refused";
            /** @description When it happened. */
            timestamp: components["schemas"]["Timestamp"];
            data: {
                scheduleId: components["schemas"]["ScheduleId"];
                /**
                 * @description Its name.
                 * @example Sales of the week
                 */
                name: string;
                /** @description The time for which it was. */
                dueAt: components["schemas"]["Timestamp"];
                /** @description Why. */
                problem: {
                    /**
                     * @description Its code.
                     * @example connection_not_found
                     */
                    code: string;
                    /**
                     * @description What is wrong.
                     * @example There is no integration crm_1a2b3c4d.
                     */
                    detail: string;
                };
            };
        };
        /** @description Errand has paused a schedule. */
        SchedulePausedWebhook: {
            /**
             * @description What is told.
             * @constant
             */
            type: "schedule.paused";
            /** @description When it happened. */
            timestamp: components["schemas"]["Timestamp"];
            data: {
                scheduleId: components["schemas"]["ScheduleId"];
                /**
                 * @description Its name.
                 * @example Sales of the week
                 */
                name: string;
                /**
                 * @description key_revoked: the key of its maker is revoked, has expired, or may no longer create runs.
                 * @example key_revoked
                 * @enum {string}
                 */
                reason: "key_revoked";
            };
        };
        /** @description Errand has switched a webhook off. Told to the others. */
        WebhookDisabledWebhook: {
            /**
             * @description What is told.
             * @constant
             */
            type: "webhook.disabled";
            /** @description When it happened. */
            timestamp: components["schemas"]["Timestamp"];
            data: {
                webhookId: components["schemas"]["WebhookId"];
                /**
                 * @description Its address.
                 * @example https://app.example.com/hooks/errand
                 */
                url: string;
                /**
                 * @description gone: it answered 410. failing: it took nothing for five days. secret_lost: its secret does not open any more.
                 * @example failing
                 * @enum {string}
                 */
                reason: "gone" | "failing" | "secret_lost";
            };
        };
        /** @description Somebody asked for a test. */
        WebhookTestWebhook: {
            /**
             * @description What is told.
             * @constant
             */
            type: "webhook.test";
            /** @description When it happened. */
            timestamp: components["schemas"]["Timestamp"];
            data: {
                webhookId: components["schemas"]["WebhookId"];
            };
        };
        /** @description A run together with its plan, which is a text placeholder until planning is done. */
        CreatedRun: {
            runId: components["schemas"]["RunId"];
            /**
             * @description Runs with the same key, intent, schema and user repeat one another.
             * @example weekly-sales
             */
            repeatKey: string;
            /** @description The earlier run whose plan this one executes again. */
            repeatRunId?: components["schemas"]["RunId"];
            /**
             * @description The action that was run.
             * @example large-deals
             */
            actionKey?: string;
            /** @description The run that this one was made from by rerun. */
            rerunOf?: components["schemas"]["RunId"];
            status: components["schemas"]["RunStatus"];
            executionPlanId: components["schemas"]["ExecutionPlanId"];
            /** @description The events, when asked for by includeEvents. */
            events: components["schemas"]["RunEventOutput"][];
            /** @description True when `events` does not hold them all: a list shows the newest 100 of a run as far as they have room, a run the oldest 10,000 as far as they have room, and of a run whose events the service is set to keep no longer only `end` is left. GET /v1/runs/{runId}/events reads on. */
            eventsTruncated?: boolean;
            /** @description The result, in the shape of outputSchema when there is one. */
            result?: components["schemas"]["Json"];
            error?: components["schemas"]["RunError"];
            summary?: components["schemas"]["Summary"];
            /**
             * @description The goal.
             * @example Create a summary of the latest sales data
             */
            intent: string;
            /**
             * @description Execution detail.
             * @example Focus on Q4 2023 data with regional breakdown
             */
            context: string;
            userId: components["schemas"]["UserId"];
            user?: components["schemas"]["RunUser"];
            /** @description What the run asked for. The floors of the service (ERRAND_APPROVAL_FLOOR, four eyes) and of integrations (approvalFloor) are asked beside it: what was asked about shows in waitingOn and in the events. */
            approvalStrategy: components["schemas"]["ApprovalStrategy"];
            /**
             * @description The allow-list of integrations; ["*"] is all active ones.
             * @example [
             *       "*"
             *     ]
             */
            selectedCustomerIntegrationIds: string[];
            outputSchema?: components["schemas"]["JsonSchema"];
            metadata: components["schemas"]["Metadata"];
            /** @description The schedule that created it. */
            scheduleId?: components["schemas"]["ScheduleId"];
            /**
             * @description The time of the schedule for which it was created; absent when somebody asked for it.
             * @example 2026-02-02T08:00:00.000Z
             */
            scheduledFor?: components["schemas"]["Timestamp"];
            /**
             * @description When it may start; absent once it has come.
             * @example 2026-02-02T08:00:00.000Z
             */
            startAt?: components["schemas"]["Timestamp"];
            usage: components["schemas"]["Usage"];
            /**
             * @description What a human must do.
             * @example []
             */
            waitingOn: components["schemas"]["WaitingOn"][];
            waitingFor?: components["schemas"]["WaitingFor"];
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
            startedAt?: components["schemas"]["Timestamp"];
            endedAt?: components["schemas"]["Timestamp"];
            /** @description Fields that did not fit, in a list of large runs. They are absent, `""` (context), `{}` (metadata), or cut to 200 characters (intent, the message of error). */
            leftOut?: components["schemas"]["LeftOut"][];
            /**
             * @description When the result and the arguments and outputs of calls were removed, because of the retention that the service is set to.
             * @example 2026-11-24T09:30:00.000Z
             */
            outputsRemovedAt?: components["schemas"]["Timestamp"];
            plan: components["schemas"]["ExecutionPlanOutput"];
        };
        /** @description Why nobody carries out the run at this moment. Absent while it is carried out, and once it has ended. */
        WaitingFor: {
            /**
             * @description slot: due, and no worker has taken it yet, because all are busy or the slots of the workspace are in use. retry: the database was in trouble, and it is tried again within seconds. start: its startAt has not come. human: see waitingOn. suspect: workers ended while they carried it out, so that a worker takes one such run at a time.
             * @example slot
             * @enum {string}
             */
            what: "slot" | "retry" | "start" | "human" | "suspect";
            since: components["schemas"]["Timestamp"];
        };
        /** @description A part of a run that had no room in this answer. */
        LeftOut: {
            /**
             * @description What is left out, or shown in part.
             * @example result
             * @enum {string}
             */
            field: "intent" | "context" | "metadata" | "outputSchema" | "result" | "error" | "waitingOn";
            /**
             * @description How large it is; absent for a list.
             * @example 1048576
             */
            bytes?: number;
            /**
             * @description Where it is read.
             * @example /v1/runs/0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01
             */
            path: string;
        };
        /** @description The id and status of a run: the answer to keys without runs:read. */
        RunHandle: {
            runId: components["schemas"]["RunId"];
            status: components["schemas"]["RunStatus"];
            executionPlanId: components["schemas"]["ExecutionPlanId"];
            createdAt: components["schemas"]["Timestamp"];
        };
        /** @description RFC 9457 problem document */
        Problem: {
            /** @description URI of the kind of problem */
            type: string;
            title: string;
            status: number;
            /** @description What is wrong with this request and what to do */
            detail?: string;
            /** @description This occurrence, by the id of the request */
            instance?: string;
            /** @description Stable word for programs */
            code: string;
            errors?: {
                /** @description JSON pointer into the input */
                pointer: string;
                message: string;
            }[];
        } & {
            [key: string]: unknown;
        };
        /** @description A page of runs. */
        RunList: {
            runs: components["schemas"]["Run"][];
            pagination: components["schemas"]["Pagination"];
        };
        /** @description An errand: what was asked, its status, and its result. */
        Run: {
            runId: components["schemas"]["RunId"];
            /**
             * @description Runs with the same key, intent, schema and user repeat one another.
             * @example weekly-sales
             */
            repeatKey: string;
            /** @description The earlier run whose plan this one executes again. */
            repeatRunId?: components["schemas"]["RunId"];
            /**
             * @description The action that was run.
             * @example large-deals
             */
            actionKey?: string;
            /** @description The run that this one was made from by rerun. */
            rerunOf?: components["schemas"]["RunId"];
            status: components["schemas"]["RunStatus"];
            executionPlanId: components["schemas"]["ExecutionPlanId"];
            /** @description The events, when asked for by includeEvents. */
            events: components["schemas"]["RunEventOutput"][];
            /** @description True when `events` does not hold them all: a list shows the newest 100 of a run as far as they have room, a run the oldest 10,000 as far as they have room, and of a run whose events the service is set to keep no longer only `end` is left. GET /v1/runs/{runId}/events reads on. */
            eventsTruncated?: boolean;
            /** @description The result, in the shape of outputSchema when there is one. */
            result?: components["schemas"]["Json"];
            error?: components["schemas"]["RunError"];
            summary?: components["schemas"]["Summary"];
            /**
             * @description The goal.
             * @example Create a summary of the latest sales data
             */
            intent: string;
            /**
             * @description Execution detail.
             * @example Focus on Q4 2023 data with regional breakdown
             */
            context: string;
            userId: components["schemas"]["UserId"];
            user?: components["schemas"]["RunUser"];
            /** @description What the run asked for. The floors of the service (ERRAND_APPROVAL_FLOOR, four eyes) and of integrations (approvalFloor) are asked beside it: what was asked about shows in waitingOn and in the events. */
            approvalStrategy: components["schemas"]["ApprovalStrategy"];
            /**
             * @description The allow-list of integrations; ["*"] is all active ones.
             * @example [
             *       "*"
             *     ]
             */
            selectedCustomerIntegrationIds: string[];
            outputSchema?: components["schemas"]["JsonSchema"];
            metadata: components["schemas"]["Metadata"];
            /** @description The schedule that created it. */
            scheduleId?: components["schemas"]["ScheduleId"];
            /**
             * @description The time of the schedule for which it was created; absent when somebody asked for it.
             * @example 2026-02-02T08:00:00.000Z
             */
            scheduledFor?: components["schemas"]["Timestamp"];
            /**
             * @description When it may start; absent once it has come.
             * @example 2026-02-02T08:00:00.000Z
             */
            startAt?: components["schemas"]["Timestamp"];
            usage: components["schemas"]["Usage"];
            /**
             * @description What a human must do.
             * @example []
             */
            waitingOn: components["schemas"]["WaitingOn"][];
            waitingFor?: components["schemas"]["WaitingFor"];
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
            startedAt?: components["schemas"]["Timestamp"];
            endedAt?: components["schemas"]["Timestamp"];
            /** @description Fields that did not fit, in a list of large runs. They are absent, `""` (context), `{}` (metadata), or cut to 200 characters (intent, the message of error). */
            leftOut?: components["schemas"]["LeftOut"][];
            /**
             * @description When the result and the arguments and outputs of calls were removed, because of the retention that the service is set to.
             * @example 2026-11-24T09:30:00.000Z
             */
            outputsRemovedAt?: components["schemas"]["Timestamp"];
        };
        /** @description Where a page stands. */
        Pagination: {
            /**
             * @description The page; absent with a cursor.
             * @example 1
             */
            page?: number;
            /**
             * @description Items a page.
             * @example 10
             */
            pageSize: number;
            /**
             * @description Items in all; absent with a cursor.
             * @example 42
             */
            totalItems?: number;
            /**
             * @description Pages in all; absent with a cursor.
             * @example 5
             */
            totalPages?: number;
            /** @description Pass it as cursor to go on; absent on the last page. */
            nextCursor?: string;
        };
        /** @description What a run would do, and what it would need. */
        Preflight: {
            /** @description The plan. Sent as `plan` of POST /v1/runs, it is executed exactly as it is. Absent: see `problems`. */
            plan?: components["schemas"]["PlanOutput"];
            /** @description The earlier run whose plan it is, as a run with this repeatKey would repeat it. */
            repeatRunId?: components["schemas"]["RunId"];
            /**
             * @description The plan for people, line by line.
             * @example [
             *       "List the deals of Northwind",
             *       "1. List accounts matching Northwind",
             *       "2. List deals of the account found in 1"
             *     ]
             */
            words: string[];
            /** @description Its steps, in the order of the plan. */
            steps: components["schemas"]["PreflightStep"][];
            /**
             * @description Whether a human is asked to approve the plan.
             * @example false
             */
            planNeedsApproval: boolean;
            /**
             * @description What the user must give first.
             * @example []
             */
            missingConsents: components["schemas"]["MissingConsent"][];
            /** @description What the run would take. */
            estimate: {
                /**
                 * @description Calls of tools.
                 * @example 3
                 */
                calls: number;
                /**
                 * @description Those of them that change something.
                 * @example 0
                 */
                writes: number;
                /**
                 * @description true: there may be more, because a step runs for each item of a list, or reads several pages; it counts once.
                 * @example true
                 */
                atLeast: boolean;
                /**
                 * @description What planning takes, in tokens read and written: a run that brings the plan does not spend them. Values that a model writes while the plan runs are not in it. Absent when no model was asked.
                 * @example 5200
                 */
                tokens?: number;
            };
            usage: components["schemas"]["PreflightUsage"];
            /**
             * @description What stands in the way.
             * @example []
             */
            problems: {
                /**
                 * @description no_plan, plan_failed, model_failed: the run would end with it. question: its planner asks people first. looks_first: the plan only reads, and another one follows; it cannot be sent as `plan`. budget_exhausted: the plan has more than the budget allows. doubt: what may be wrong with the plan.
                 * @example no_plan
                 * @enum {string}
                 */
                code: "no_plan" | "plan_failed" | "model_failed" | "question" | "looks_first" | "budget_exhausted" | "doubt";
                /**
                 * @description What it is, for people.
                 * @example No tool fits.
                 */
                message: string;
                /**
                 * @description JSON pointer to the part at fault.
                 * @example /plan/steps/0
                 */
                pointer?: string;
                /** @description The answers of a question to choose from; absent when people answer in words. */
                choices?: components["schemas"]["Choice"][];
                /** @description The form of a question or of a service: a flat JSON Schema whose properties are texts, numbers, yes or no, or choices. */
                requestedSchema?: components["schemas"]["JsonSchema"];
            }[];
        };
        /** @description A step of a plan that is not run yet. */
        PreflightStep: {
            stepId: components["schemas"]["StepId"];
            /**
             * @description What it does, for people.
             * @example List deals at Demo CRM
             */
            title: string;
            tool: components["schemas"]["ToolName"];
            effect: components["schemas"]["Effect"];
            /**
             * @description Whether a human is asked before its calls, unless an approval rule lets them pass.
             * @example false
             */
            needsApproval: boolean;
        };
        /** @description A consent or a credential that the run would wait for. */
        MissingConsent: {
            customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
            /**
             * @description Its name, for people.
             * @example Calendar
             */
            integrationName: string;
            userId: components["schemas"]["UserId"];
            /**
             * @description A page on which the user consents or enters a token, within a day; only for keys that hold connections:write, as from auth-url.
             * @example https://errand.example.com/v1/connect?token=WyIw…
             */
            url?: string;
        };
        /** @description What this preflight has spent. */
        PreflightUsage: {
            /**
             * @description Tokens read by models.
             * @example 0
             */
            inputTokens: number;
            /**
             * @description Those of `inputTokens` that the endpoints had in their caches.
             * @example 0
             */
            cachedInputTokens: number;
            /**
             * @description Tokens written by models.
             * @example 0
             */
            outputTokens: number;
            /**
             * @description What the models cost, by the price table of the service. Absent while no model was asked.
             * @example {
             *       "amount": 0.0042,
             *       "currency": "USD"
             *     }
             */
            cost?: {
                /**
                 * @description In units of the currency.
                 * @example 0.0042
                 */
                amount: number;
                /**
                 * @description ISO 4217.
                 * @example USD
                 */
                currency: string;
            };
            /**
             * @description Set instead of `cost` when the price of a model that was asked is not in the table.
             * @example true
             * @constant
             */
            priceUnknown?: true;
        };
        /** @description Events in their order. */
        EventList: {
            events: components["schemas"]["RunEventOutput"][];
            /** @description True when fewer than `limit` had room; read on with `after`, the seq of the last one here. */
            eventsTruncated?: boolean;
        };
        /** @description What a stream of a run sends: its events, and with `progress` the calls that are under way. */
        RunStreamFrame: components["schemas"]["RunEventOutput"] | components["schemas"]["ProgressFrame"];
        /** @description A call is under way. On live streams alone: it has no id, is in no log and is never repeated. Some may be left out, for a reader who is slow and for calls that end at once. */
        ProgressFrame: {
            /**
             * @description The name of the frame.
             * @constant
             */
            type: "progress";
            runId: components["schemas"]["RunId"];
            stepId: components["schemas"]["StepId"];
            /**
             * @description The item of the list of the step, from 0; absent where it has none.
             * @example 2
             */
            iteration?: number;
            /**
             * @description retrying: an attempt failed.
             * @example running
             * @enum {string}
             */
            state: "running" | "retrying";
            /**
             * @description Which attempt this is.
             * @example 1
             */
            attempt: number;
            at: components["schemas"]["Timestamp"];
        };
        /** @description What a live list tells. */
        ListFrame: components["schemas"]["SnapshotFrame"] | components["schemas"]["RunFrame"] | components["schemas"]["GoneFrame"];
        /** @description From here on all changes are told. Comes first, and again whenever changes may have been missed. */
        SnapshotFrame: {
            /**
             * @description The name of the frame. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "snapshot";
            /**
             * @description false: read the list now (GET /v1/runs with the same filters). true: what was missed since Last-Event-ID follows.
             * @example false
             */
            resumed: boolean;
            at: components["schemas"]["Timestamp"];
        };
        /** @description A run that the list has was created or has changed. */
        RunFrame: {
            /**
             * @description The name of the frame. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "run";
            runId: components["schemas"]["RunId"];
            status: components["schemas"]["RunStatus"];
            /**
             * @description The number of the newest event of the run. Of two things known of a run, the one with the larger seq is newer.
             * @example 4
             */
            seq: number;
            updatedAt: components["schemas"]["Timestamp"];
            /**
             * @description What has changed since the frame before about this run. created: the list has it from now on. Changes that follow each other closely are one frame.
             * @example [
             *       "status",
             *       "events"
             *     ]
             */
            changed: ("created" | "status" | "events")[];
        };
        /** @description A run no longer fits the filters; leave it out if you have it. Within half a minute of a snapshot it may name a run that never fitted. Runs that are removed because of their age are not told. */
        GoneFrame: {
            /**
             * @description The name of the frame. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "gone";
            runId: components["schemas"]["RunId"];
            /**
             * @description The number of the newest event of the run. Of two things known of a run, the one with the larger seq is newer.
             * @example 4
             */
            seq: number;
        };
        /** @description The plan of a run, what its steps need, and where their arguments come from. */
        ReadExecutionPlan: {
            /**
             * @description Planning is not done.
             * @constant
             */
            planType: "text";
            /**
             * @description A placeholder.
             * @example Planning has not finished.
             */
            plan: string;
        } | {
            /**
             * @description The plan is a program.
             * @constant
             */
            planType: "json";
            plan: components["schemas"]["PlanOutput"];
            /**
             * @description What the run of an action was given.
             * @example {
             *       "accountName": "Contoso"
             *     }
             */
            input?: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @description The steps, in the order of the plan. */
            steps: components["schemas"]["StepDetails"][];
            /**
             * @description The plan for people: a numbered sentence for each step.
             * @example [
             *       "1. List accounts matching \"Northwind\"",
             *       "2. List deals of the account found in 1"
             *     ]
             */
            words: string[];
        };
        /** @description A step of a plan, for those who show it. */
        StepDetails: {
            stepId: components["schemas"]["StepId"];
            /**
             * @description What the step does: the name of the integration and the title of the operation.
             * @example Demo CRM: List deals
             */
            title: string;
            effect: components["schemas"]["Effect"];
            /**
             * @description Steps that must have ended before: those that it declares, and those that its expressions name.
             * @example [
             *       "account"
             *     ]
             */
            needs: components["schemas"]["StepId"][];
            /**
             * @description Where each argument comes from, by JSON pointer into the arguments.
             * @example {
             *       "/body/accountId": {
             *         "from": "step",
             *         "stepId": "account",
             *         "path": "items[0].id",
             *         "text": "found by List accounts"
             *       }
             *     }
             */
            argOrigins: {
                [key: string]: components["schemas"]["ArgOrigin"];
            };
        };
        /** @description Where the value of an argument comes from. */
        ArgOrigin: {
            /**
             * @description literal: the plan sets it. step: an earlier step found it. item: of an item of a list that a step found. model: a model writes it. now: computed from the time of the run.
             * @example step
             * @enum {string}
             */
            from: "literal" | "intent" | "context" | "input" | "user" | "now" | "step" | "item" | "model";
            /**
             * @description The step that found it.
             * @example account
             */
            stepId?: components["schemas"]["StepId"];
            /**
             * @description Where in the output of that step, if it is a plain path.
             * @example items[0].id
             */
            path?: string;
            /**
             * @description The same in words.
             * @example found by List accounts
             */
            text: string;
        };
        /** @description What waits for a human over all runs, newest first. */
        PendingList: {
            pending: components["schemas"]["PendingEntry"][];
            /** @description Pass it as cursor to go on; absent on the last page. */
            nextCursor?: string;
        };
        /** @description Something that a human must do, with all that is needed to decide it. */
        PendingEntry: {
            /**
             * @description plan: whether to carry out a plan. call: whether to make a call. consent: a consent or credential of the user. effect: whether a call took effect. question: what a person wants. input: what a service asks the user in the middle of a call.
             * @example call
             * @enum {string}
             */
            kind: "plan" | "call" | "consent" | "effect" | "question" | "input";
            approvalId?: components["schemas"]["ApprovalId"];
            effectId?: components["schemas"]["EffectId"];
            consentId?: components["schemas"]["ConsentId"];
            requestId?: components["schemas"]["QuestionId"];
            customerIntegrationId?: components["schemas"]["CustomerIntegrationId"];
            /**
             * @description What is asked, in words.
             * @example Create a ticket for Northwind at Demo CRM?
             */
            text: string;
            /** @description The answers of a question to choose from; absent when people answer in words. */
            choices?: components["schemas"]["Choice"][];
            /** @description The form of a question or of a service: a flat JSON Schema whose properties are texts, numbers, yes or no, or choices. */
            requestedSchema?: components["schemas"]["JsonSchema"];
            /** @description The request that resolves it. */
            resolveWith: {
                /**
                 * @description Its HTTP method.
                 * @example POST
                 */
                method: string;
                /**
                 * @description Its path.
                 * @example /v1/effects/0192f0c1-7a41-7a04-8c11-2d6f8e9b0c04
                 */
                path: string;
                /**
                 * @description Its body, for one of the answers.
                 * @example {
                 *       "decision": "retry"
                 *     }
                 */
                body?: components["schemas"]["Json"];
            };
            expiresAt?: components["schemas"]["Timestamp"];
            runId: components["schemas"]["RunId"];
            userId: components["schemas"]["UserId"];
            /**
             * @description What the run is for.
             * @example Log a call with Contoso
             */
            intent: string;
            /**
             * @description What is asked about, in a few words: the title of the operation, the goal of the plan, or the integration.
             * @example Create a ticket
             */
            title: string;
            /**
             * @description The name of the integration.
             * @example Demo CRM
             */
            integrationName?: string;
            /** @description The logo of the integration, as its document gives it. */
            logoUrl?: string;
            /** @description The tool of a call. */
            tool?: components["schemas"]["ToolName"];
            /** @description What the tool does; absent when it does not exist any more. */
            effect?: components["schemas"]["Effect"];
            request?: components["schemas"]["RequestLine"];
            /**
             * @description How many calls of a `forEach` step one approval is about; absent where it is one call.
             * @example 40
             */
            calls?: number;
            /**
             * @description The arguments of the call; with `calls` a list of `{toolCallId, args}` of each.
             * @example {
             *       "body": {
             *         "accountId": "acc_000017",
             *         "subject": "Call"
             *       }
             *     }
             */
            args?: components["schemas"]["Json"];
            /**
             * @description Where each argument comes from, by JSON pointer into the arguments.
             * @example {
             *       "/body/accountId": {
             *         "from": "step",
             *         "stepId": "account",
             *         "path": "items[0].id",
             *         "text": "found by List accounts"
             *       }
             *     }
             */
            argOrigins?: {
                [key: string]: components["schemas"]["ArgOrigin"];
            };
            /**
             * @description The names of the things whose ids stand in the arguments, by JSON pointer.
             * @example {
             *       "/body/accountId": "Contoso"
             *     }
             */
            names?: {
                [key: string]: string;
            };
            /** @description What the tool takes now: edited `args` must fit it. */
            inputSchema?: components["schemas"]["JsonSchema"];
            /** @description The plan, where one is asked about. */
            plan?: components["schemas"]["PlanOutput"];
            /**
             * @description A page of the service that the user is to open. Show its host, and open it only when the user says so; then answer with accept.
             * @example https://pay.example.com/confirm/4711
             */
            openUrl?: string;
            /**
             * @description SHA-256 of what an approval holds for: this run, this tool and these arguments, or this plan.
             * @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
             */
            argsHash?: string;
            /** @description When it was asked. */
            askedAt: components["schemas"]["Timestamp"];
            /**
             * @description What counts when nobody decides in time.
             * @example deny
             * @enum {string}
             */
            onExpiry: "deny" | "skip" | "no_answer";
            /**
             * @description Whether the key that reads this may decide: it holds the scope, and it did not ask for the run where four eyes are required.
             * @example true
             */
            mayDecide: boolean;
            leftOut?: components["schemas"]["LeftOutOfEntry"];
        };
        /** @description What had no room here. */
        LeftOutOfEntry: {
            /**
             * @description What is absent; of intent the beginning is there.
             * @example [
             *       "args"
             *     ]
             */
            fields: ("intent" | "args" | "plan" | "argOrigins" | "inputSchema" | "requestedSchema")[];
            /**
             * @description Where it is read whole; absent where it is too large for any answer.
             * @example /v1/approvals/0192f0c1-7a40-7e93-b7c4-90c2d3e5a703
             */
            path?: string;
        };
        /** @description One frame of a stream of what waits for a human. */
        PendingFrame: components["schemas"]["PendingSnapshot"] | components["schemas"]["PendingAdded"] | components["schemas"]["PendingGone"];
        /** @description The stream begins: forget what was known before. */
        PendingSnapshot: {
            /**
             * @description The name of the frame. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "snapshot";
            /**
             * @description How many entries are open; each follows as `added` unless it closes first.
             * @example 3
             */
            open: number;
            /**
             * @description Whether more are open than a stream shows; GET /v1/pending lists all.
             * @example false
             */
            more: boolean;
        };
        /** @description An entry is open. */
        PendingAdded: {
            /**
             * @description The name of the frame. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "added";
            entry: components["schemas"]["PendingEntry"];
        };
        /** @description An entry is not open any more. */
        PendingGone: {
            /**
             * @description The name of the frame. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "gone";
            /**
             * @description plan: whether to carry out a plan. call: whether to make a call. consent: a consent or credential of the user. effect: whether a call took effect. question: what a person wants. input: what a service asks the user in the middle of a call.
             * @example call
             * @enum {string}
             */
            kind: "plan" | "call" | "consent" | "effect" | "question" | "input";
            approvalId?: components["schemas"]["ApprovalId"];
            effectId?: components["schemas"]["EffectId"];
            consentId?: components["schemas"]["ConsentId"];
            requestId?: components["schemas"]["QuestionId"];
            runId: components["schemas"]["RunId"];
            /**
             * @description ended: its run ended without a decision.
             * @example decided
             * @enum {string}
             */
            why: "decided" | "expired" | "ended";
            /**
             * @description What was decided: approve, deny, retry, happened, skip or answer.
             * @example approve
             */
            decision?: string;
            /**
             * @description Who decided.
             * @example er_live_…k3Zq
             */
            decidedBy?: string;
        };
        /** @description What came of one decision. */
        DecisionResult: {
            approvalId: components["schemas"]["ApprovalId"];
            /** @description The decision, when it counts. */
            approval?: components["schemas"]["Approval"];
            /** @description Why it does not, as POST /v1/approvals/{approvalId} would answer. */
            error?: {
                /**
                 * @description A stable word to branch on.
                 * @example validation_failed
                 */
                code: string;
                /**
                 * @description What the code means.
                 * @example A field is not valid
                 */
                title: string;
                /**
                 * @description The HTTP status.
                 * @example 400
                 */
                status: number;
                /** @description What is wrong here and what to do. */
                detail?: string;
                /** @description The parts of the input that are at fault. */
                errors?: {
                    /**
                     * @description JSON pointer to the part at fault.
                     * @example /intent
                     */
                    pointer: string;
                    /**
                     * @description What is wrong with it.
                     * @example Too small: expected string to have >=1 characters
                     */
                    message: string;
                }[];
            };
        };
        /** @description A decision about a plan or a call. */
        Approval: {
            approvalId: components["schemas"]["ApprovalId"];
            runId: components["schemas"]["RunId"];
            decision: components["schemas"]["ApprovalDecision"];
            /**
             * @description Who decided; absent when the request has expired.
             * @example er_live_…k3Zq
             */
            decidedBy?: string;
            /**
             * @description Why.
             * @example Too expensive
             */
            reason?: string;
            /** @description What was changed in the arguments. */
            edits?: components["schemas"]["ArgsEdit"][];
            decidedAt: components["schemas"]["Timestamp"];
            /**
             * Format: uuid
             * @description The approval rule that `always` has made; it has the id of the approval.
             * @example 0192f0c1-7a40-7e93-b7c4-90c2d3e5a703
             */
            approvalRuleId?: string;
        };
        /** @description What an approval asks, and where it stands. */
        ApprovalEntry: {
            /**
             * @description plan: whether to carry out a plan. call: whether to make a call. consent: a consent or credential of the user. effect: whether a call took effect. question: what a person wants. input: what a service asks the user in the middle of a call.
             * @example call
             * @enum {string}
             */
            kind: "plan" | "call" | "consent" | "effect" | "question" | "input";
            approvalId?: components["schemas"]["ApprovalId"];
            effectId?: components["schemas"]["EffectId"];
            consentId?: components["schemas"]["ConsentId"];
            requestId?: components["schemas"]["QuestionId"];
            customerIntegrationId?: components["schemas"]["CustomerIntegrationId"];
            /**
             * @description What is asked, in words.
             * @example Create a ticket for Northwind at Demo CRM?
             */
            text: string;
            /** @description The answers of a question to choose from; absent when people answer in words. */
            choices?: components["schemas"]["Choice"][];
            /** @description The form of a question or of a service: a flat JSON Schema whose properties are texts, numbers, yes or no, or choices. */
            requestedSchema?: components["schemas"]["JsonSchema"];
            /** @description The request that resolves it. */
            resolveWith: {
                /**
                 * @description Its HTTP method.
                 * @example POST
                 */
                method: string;
                /**
                 * @description Its path.
                 * @example /v1/effects/0192f0c1-7a41-7a04-8c11-2d6f8e9b0c04
                 */
                path: string;
                /**
                 * @description Its body, for one of the answers.
                 * @example {
                 *       "decision": "retry"
                 *     }
                 */
                body?: components["schemas"]["Json"];
            };
            expiresAt?: components["schemas"]["Timestamp"];
            runId: components["schemas"]["RunId"];
            userId: components["schemas"]["UserId"];
            /**
             * @description What the run is for.
             * @example Log a call with Contoso
             */
            intent: string;
            /**
             * @description What is asked about, in a few words: the title of the operation, the goal of the plan, or the integration.
             * @example Create a ticket
             */
            title: string;
            /**
             * @description The name of the integration.
             * @example Demo CRM
             */
            integrationName?: string;
            /** @description The logo of the integration, as its document gives it. */
            logoUrl?: string;
            /** @description The tool of a call. */
            tool?: components["schemas"]["ToolName"];
            /** @description What the tool does; absent when it does not exist any more. */
            effect?: components["schemas"]["Effect"];
            request?: components["schemas"]["RequestLine"];
            /**
             * @description How many calls of a `forEach` step one approval is about; absent where it is one call.
             * @example 40
             */
            calls?: number;
            /**
             * @description The arguments of the call; with `calls` a list of `{toolCallId, args}` of each.
             * @example {
             *       "body": {
             *         "accountId": "acc_000017",
             *         "subject": "Call"
             *       }
             *     }
             */
            args?: components["schemas"]["Json"];
            /**
             * @description Where each argument comes from, by JSON pointer into the arguments.
             * @example {
             *       "/body/accountId": {
             *         "from": "step",
             *         "stepId": "account",
             *         "path": "items[0].id",
             *         "text": "found by List accounts"
             *       }
             *     }
             */
            argOrigins?: {
                [key: string]: components["schemas"]["ArgOrigin"];
            };
            /**
             * @description The names of the things whose ids stand in the arguments, by JSON pointer.
             * @example {
             *       "/body/accountId": "Contoso"
             *     }
             */
            names?: {
                [key: string]: string;
            };
            /** @description What the tool takes now: edited `args` must fit it. */
            inputSchema?: components["schemas"]["JsonSchema"];
            /** @description The plan, where one is asked about. */
            plan?: components["schemas"]["PlanOutput"];
            /**
             * @description A page of the service that the user is to open. Show its host, and open it only when the user says so; then answer with accept.
             * @example https://pay.example.com/confirm/4711
             */
            openUrl?: string;
            /**
             * @description SHA-256 of what an approval holds for: this run, this tool and these arguments, or this plan.
             * @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
             */
            argsHash?: string;
            /** @description When it was asked. */
            askedAt: components["schemas"]["Timestamp"];
            /**
             * @description What counts when nobody decides in time.
             * @example deny
             * @enum {string}
             */
            onExpiry: "deny" | "skip" | "no_answer";
            /**
             * @description Whether the key that reads this may decide: it holds the scope, and it did not ask for the run where four eyes are required.
             * @example true
             */
            mayDecide: boolean;
            leftOut?: components["schemas"]["LeftOutOfEntry"];
            /**
             * @description gone: expired, or the run has ended. answered: what a service asked.
             * @example pending
             * @enum {string}
             */
            state: "pending" | "approved" | "denied" | "gone" | "answered";
            /**
             * @description Who decided; absent when the request has expired.
             * @example er_live_…k3Zq
             */
            decidedBy?: string;
            /**
             * @description Why.
             * @example Too expensive
             */
            reason?: string;
            /** @description When it was decided, or its run ended. */
            decidedAt?: components["schemas"]["Timestamp"];
        };
        /** @description An approval rule: calls of a tool need no approval if their arguments fit, until the rule expires. */
        ApprovalRule: {
            approvalRuleId: components["schemas"]["ApprovalRuleId"];
            tool: components["schemas"]["ToolName"];
            /** @description For runs of this user alone; without it for every user. */
            userId?: components["schemas"]["UserId"];
            /**
             * @description The arguments that pass, as a JSON Schema (draft-07); without it all that the tool takes.
             * @example {
             *       "properties": {
             *         "body": {
             *           "properties": {
             *             "amount": {
             *               "maximum": 100
             *             }
             *           },
             *           "required": [
             *             "amount"
             *           ]
             *         }
             *       }
             *     }
             */
            argsSchema?: components["schemas"]["JsonSchema"];
            /**
             * @description From then on it is asked again; at most a year ahead.
             * @example 2027-01-31T09:30:00.000Z
             */
            expiresAt: components["schemas"]["Timestamp"];
            /**
             * @description Why, for the record.
             * @example Small amounts are fine.
             */
            reason?: string;
            /**
             * @description Only an active rule lets calls pass. tool_changed: the tool is no longer what it was when the rule was made, or is gone; make a new rule.
             * @example active
             * @enum {string}
             */
            state: "active" | "expired" | "revoked" | "tool_changed";
            /**
             * @description The key that made it.
             * @example billing service
             */
            createdBy: string;
            createdAt: components["schemas"]["Timestamp"];
            /** @description When it was revoked. */
            revokedAt?: components["schemas"]["Timestamp"];
        };
        /** @description A decision about an uncertain effect. */
        ResolvedEffect: {
            effectId: components["schemas"]["EffectId"];
            runId: components["schemas"]["RunId"];
            decision: components["schemas"]["EffectDecision"];
            /**
             * @description Who decided; absent when the request has expired.
             * @example er_live_…k3Zq
             */
            decidedBy?: string;
            /**
             * @description Why.
             * @example The activity is in the CRM.
             */
            reason?: string;
            decidedAt: components["schemas"]["Timestamp"];
        };
        /** @description A question that is answered. */
        AnsweredQuestion: {
            requestId: components["schemas"]["QuestionId"];
            runId: components["schemas"]["RunId"];
            /**
             * @description The value of the chosen answer; an object that fits `requestedSchema` where there is one; else words of the person; null for no answer: what needs it is then not done.
             * @example con_000017
             */
            answer: string | number | boolean | null | {
                [key: string]: string | number | boolean;
            };
            /**
             * @description Who answered.
             * @example er_live_…k3Zq
             */
            answeredBy?: string;
            answeredAt: components["schemas"]["Timestamp"];
        };
        /** @description What a service asked, answered. */
        AnsweredInput: {
            requestId: components["schemas"]["QuestionId"];
            runId: components["schemas"]["RunId"];
            /**
             * @description accept: here is the answer, or the page was opened. decline: the user does not want to answer. cancel: the user has put it aside. The service is told.
             * @example accept
             * @enum {string}
             */
            action: "accept" | "decline" | "cancel";
            /**
             * @description Who answered.
             * @example er_live_…k3Zq
             */
            answeredBy?: string;
            answeredAt: components["schemas"]["Timestamp"];
        };
        /** @description A plan that is kept under a key, and executed without planning. */
        Action: {
            key: components["schemas"]["ActionKey"];
            /**
             * @description The goal of the run that was kept.
             * @example List the deals of Northwind
             */
            intent: string;
            /**
             * @description JSON Schema (draft-07) of `output`.
             * @example {
             *       "type": "object",
             *       "properties": {
             *         "total": {
             *           "type": "number"
             *         }
             *       }
             *     }
             */
            outputSchema?: components["schemas"]["JsonSchema"];
            /**
             * @description JSON Schema (draft-07) of `input`. Absent: the action takes none. Each property is a value that stood in the plan of the run.
             * @example {
             *       "type": "object",
             *       "properties": {
             *         "accountName": {
             *           "type": "string",
             *           "title": "Name",
             *           "examples": [
             *             "Northwind"
             *           ]
             *         }
             *       },
             *       "required": [
             *         "accountName"
             *       ],
             *       "additionalProperties": false
             *     }
             */
            inputSchema?: components["schemas"]["JsonSchema"];
            /**
             * @description true while inputSchema is the one that was made from the plan; false once it is one of yours.
             * @example true
             */
            useDefaultMapping: boolean;
            /**
             * @description paused: the key that made the action is revoked or has expired, so it is not run.
             * @example active
             * @enum {string}
             */
            state: "active" | "paused";
            /**
             * @description The key that made it, or changed it last.
             * @example billing service
             */
            madeBy: string;
            /** @description The run that was kept; it may have been removed since. */
            runId: components["schemas"]["RunId"];
            /**
             * @description The integrations that it calls.
             * @example [
             *       "crm_1a2b3c4d"
             *     ]
             */
            customerIntegrationIds: components["schemas"]["CustomerIntegrationId"][];
            /**
             * @description Fields that had no room in a list: absent, or (intent) cut. GET /v1/actions/{key} has them.
             * @example [
             *       "outputSchema"
             *     ]
             */
            leftOut?: ("intent" | "inputSchema" | "outputSchema")[];
            updatedAt: components["schemas"]["Timestamp"];
            createdAt: components["schemas"]["Timestamp"];
        };
        /** @description An action with its plan, and what of it are inputs. */
        ActionDetails: {
            key: components["schemas"]["ActionKey"];
            /**
             * @description The goal of the run that was kept.
             * @example List the deals of Northwind
             */
            intent: string;
            /**
             * @description JSON Schema (draft-07) of `output`.
             * @example {
             *       "type": "object",
             *       "properties": {
             *         "total": {
             *           "type": "number"
             *         }
             *       }
             *     }
             */
            outputSchema?: components["schemas"]["JsonSchema"];
            /**
             * @description JSON Schema (draft-07) of `input`. Absent: the action takes none. Each property is a value that stood in the plan of the run.
             * @example {
             *       "type": "object",
             *       "properties": {
             *         "accountName": {
             *           "type": "string",
             *           "title": "Name",
             *           "examples": [
             *             "Northwind"
             *           ]
             *         }
             *       },
             *       "required": [
             *         "accountName"
             *       ],
             *       "additionalProperties": false
             *     }
             */
            inputSchema?: components["schemas"]["JsonSchema"];
            /**
             * @description true while inputSchema is the one that was made from the plan; false once it is one of yours.
             * @example true
             */
            useDefaultMapping: boolean;
            /**
             * @description paused: the key that made the action is revoked or has expired, so it is not run.
             * @example active
             * @enum {string}
             */
            state: "active" | "paused";
            /**
             * @description The key that made it, or changed it last.
             * @example billing service
             */
            madeBy: string;
            /** @description The run that was kept; it may have been removed since. */
            runId: components["schemas"]["RunId"];
            /**
             * @description The integrations that it calls.
             * @example [
             *       "crm_1a2b3c4d"
             *     ]
             */
            customerIntegrationIds: components["schemas"]["CustomerIntegrationId"][];
            updatedAt: components["schemas"]["Timestamp"];
            createdAt: components["schemas"]["Timestamp"];
            approvalStrategy: components["schemas"]["ApprovalStrategy"];
            /** @description The plan. Values that callers give are bindings on `input`. */
            plan: components["schemas"]["PlanOutput"];
            /**
             * @description The plan as text for people.
             * @example List the deals of Northwind
             *
             *     1. List deals of the account of the input
             */
            words: string;
            /** @description What became an input, and what could be one: the values of the plan that its run said, at most 50. */
            values: components["schemas"]["ActionValue"][];
        };
        /** @description A value of the run that is, or may be, an input of the action. */
        ActionValue: {
            /**
             * @description Its name in `input`.
             * @example accountName
             */
            name: string;
            /**
             * @description The same for people.
             * @example Name
             */
            title: string;
            /**
             * @description Its value in the run that was kept.
             * @example Northwind
             */
            value: components["schemas"]["Json"];
            /**
             * @description Where the run had it from.
             * @example intent
             * @enum {string}
             */
            from: "intent" | "context" | "input";
            /**
             * @description true: callers give it. false: inputSchema does not name it, and the plan holds the value of the run.
             * @example true
             */
            bound: boolean;
            /** @description The arguments that it is used in. */
            usedIn: {
                stepId: components["schemas"]["StepId"];
                /**
                 * @description The argument, in words.
                 * @example account name
                 */
                argument: string;
            }[];
        };
        /** @description What an action answered. */
        ActionResult: {
            runId: components["schemas"]["RunId"];
            /**
             * @description The result of the run; absent when it has none, and for keys without runs:read.
             * @example {
             *       "total": 135000
             *     }
             */
            output?: components["schemas"]["Json"];
            /**
             * @description Set after `replan`: whether the action has a new plan now.
             * @example true
             */
            replanned?: boolean;
        };
        /** @description A service that runs may use. */
        Integration: {
            /**
             * @description What kind of service it is: a slug of the host and the title of its document. Integrations of the same document share it, and it stays when the document is refreshed.
             * @example crm-example-com-harbor-crm-api
             */
            integrationId: string;
            customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
            /**
             * @description Whether runs may use it.
             * @example true
             */
            active: boolean;
            /**
             * @description Its name.
             * @example CRM
             */
            name: string;
            /**
             * @description Its protocol.
             * @example openapi
             * @enum {string}
             */
            kind: "openapi" | "mcp";
            /**
             * @description Of an MCP server: whether its hints count.
             * @example true
             */
            trustHints?: boolean;
            /** @description What it is, as its document says. */
            description?: string;
            /** @description Its logo. */
            logoUrl?: string;
            /**
             * @description Its host.
             * @example crm.example.com
             */
            host: string;
            authType: components["schemas"]["AuthType"];
            /** @description Of an MCP server: the user with whose credential its tools were read last. Absent when they were read without one, or with that of the workspace. */
            toolsUserId?: components["schemas"]["UserId"];
            /** @description The workspace's token, the client's secret or the key of the integration, when it has one: enough to recognise it, not to use it. */
            token?: {
                /**
                 * @description The last four characters.
                 * @example k3Zq
                 */
                last4: string;
                /**
                 * @description Equal tokens have equal fingerprints.
                 * @example 9f86d081
                 */
                fingerprint: string;
                /**
                 * @description Whether its owner must set it again, by auth of PATCH.
                 * @example false
                 */
                needsReconnect: boolean;
                /**
                 * @description Why. rejected: the service answered 401; the token is still sent. origin_changed: the origin or the authorization server of the integration has changed since; the token is not sent.
                 * @example rejected
                 * @enum {string}
                 */
                reconnectReason?: "rejected" | "origin_changed";
            };
            /** @description Guidance for planners. */
            instructions?: string;
            /**
             * @description The approvals that runs need at least before they call it, whatever their approvalStrategy. Applies to runs under way from their next call.
             * @example ON_WRITE
             */
            approvalFloor: components["schemas"]["ApprovalStrategy"];
            /**
             * @description Whether tools, a base URL or an authorization server wait for the owner: a refresh found them, or a tool that counts as a read changes something by its name.
             * @example false
             */
            needsReview: boolean;
            /**
             * @description Where its newer document says that it is. Nothing is sent there before it is confirmed.
             * @example https://api.crm.example.com/v2
             */
            pendingBaseUrl?: string;
            /**
             * @description The authorization server that the MCP server names now: another one than before, or a first one of another site. Until you confirm it by confirmIssuer, users are sent to the one of before; without one nobody can connect.
             * @example https://auth.example.com
             */
            pendingIssuer?: string;
            /**
             * @description How many tools it has.
             * @example 24
             */
            toolCount: number;
            /**
             * @description How many of them are on: runs may see and call them.
             * @example 9
             */
            enabledToolCount: number;
            /**
             * @description How many of its tools are on, and how to turn on the others, in words.
             * @example 9 of 24 tools are on. PUT /v1/integrations/crm_1a2b3c4d/tools turns on others: {"enabled": "all"}, or the names that GET there lists.
             */
            toolsText: string;
            /** @description The tools with a `proposedEffect`, when there are any. */
            effectProposals?: {
                /**
                 * @description How many tools count as writes and only query.
                 * @example 4
                 */
                read: number;
                /**
                 * @description How many tools count as reads and change something.
                 * @example 0
                 */
                write: number;
                /**
                 * @description The same in words, and how to accept or refuse.
                 * @example 4 tools count as writes, but only query by their names and words, such as crm_1a2b3c4d.searchDeals. GET /v1/integrations/crm_1a2b3c4d/tools marks each with proposedEffect. To accept: PUT there {"effects": {"crm_1a2b3c4d.searchDeals": "read"}}.
                 */
                text: string;
            };
            /**
             * @description What in its document could not be used as it stands.
             * @example []
             */
            warnings: string[];
            /**
             * @description Set in a list when description, logoUrl, instructions and warnings had no room: where it is read whole.
             * @example {
             *       "path": "/v1/integrations/crm_1a2b3c4d"
             *     }
             */
            leftOut?: {
                path: string;
            };
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
        };
        /**
         * @description How calls authenticate at the service.
         * @example API_TOKEN
         * @enum {string}
         */
        AuthType: "NONE" | "API_TOKEN" | "OAUTH2" | "AWS_ASSUME_ROLE" | "GOOGLE_SERVICE_ACCOUNT_OAUTH";
        /** @description The tools of an integration. */
        ToolList: components["schemas"]["ListedTool"][];
        /** @description One operation of an integration, in a list. */
        ListedTool: {
            name: components["schemas"]["ToolName"];
            /**
             * @description What the tool does, as its service describes it.
             * @example List deals
             */
            description?: string;
            /**
             * @description HTTP method, for tools of an OpenAPI document.
             * @example GET
             */
            method?: string;
            /**
             * @description Path template, for tools of an OpenAPI document.
             * @example /deals
             */
            path?: string;
            /**
             * @description What the tool takes. For OpenAPI tools the arguments are grouped as path, query, header and body.
             * @example {
             *       "type": "object",
             *       "properties": {
             *         "query": {
             *           "type": "object",
             *           "properties": {
             *             "accountId": {
             *               "type": "string"
             *             }
             *           }
             *         }
             *       }
             *     }
             */
            inputSchema?: components["schemas"]["JsonSchema"];
            /**
             * @description Whether runs may see and call it.
             * @example true
             */
            enabled: boolean;
            effect: components["schemas"]["Effect"];
            /** @description Set when its name and words say another effect than `effect`, which counts until its owner says one by `effects` of PUT /v1/integrations/{customerIntegrationId}/tools. read: a POST that only queries. write: a tool that counted as a read before its words were read. */
            proposedEffect?: components["schemas"]["Effect"];
            /**
             * @description Set when it is new or changed since its integration was refreshed: it is disabled until chosen. Set, too, when `proposedEffect` is write: it stays as it is until its owner says its effect.
             * @example true
             */
            needsReview?: boolean;
            /**
             * @description What the refresh found.
             * @example changed
             * @enum {string}
             */
            change?: "new" | "changed" | "removed";
            /**
             * @description Set when description, path and inputSchema did not fit: the path of the list that begins with this tool, where it is complete.
             * @example {
             *       "path": "/v1/integrations/crm_1a2b3c4d/tools?after=crm_1a2b3c4d.listAccounts"
             *     }
             */
            leftOut?: {
                path: string;
            };
        };
        /** @description An end user at an integration. */
        IntegrationUser: {
            userId: components["schemas"]["UserId"];
            /**
             * @description Whether the user has a credential that may be used.
             * @example true
             */
            active: boolean;
            /** @description Enough to recognise the token, not to use it. */
            token?: {
                /**
                 * @description The last four characters.
                 * @example k3Zq
                 */
                last4: string;
                /**
                 * @description Equal tokens have equal fingerprints.
                 * @example 9f86d081
                 */
                fingerprint: string;
            };
            /**
             * @description Whether the stored token or consent cannot be used, so that the user must give it again. Runs that need it wait. Absent when nothing is stored.
             * @example false
             */
            needsReconnect?: boolean;
            /**
             * @description Why. rejected: the service answered 401 to it. origin_changed: the origin or the authorization server of the integration has changed since. lost: the answer to a refresh was lost. no_refresh_token. Otherwise a word of the authorization server, such as invalid_grant.
             * @example invalid_grant
             */
            reconnectReason?: string;
            /**
             * @description The scopes that the user granted, if the server tells them.
             * @example calendar.read calendar.write
             */
            scope?: string;
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
        };
        /** @description The page on which a user consents. */
        AuthUrl: {
            /**
             * @description A page of this service for the user to open in a browser, within a day. A person who opens it connects their own account to this user, so send it to nobody else.
             * @example https://errand.example.com/v1/connect?token=WyIw…
             */
            authorizeUrl: string;
        };
        /** @description A tool that a search found. */
        FoundTool: {
            tool: components["schemas"]["ToolName"];
            /**
             * @description Name of its integration.
             * @example CRM
             */
            integrationName: string;
            /**
             * @description Short title of the operation, when its document has one.
             * @example List deals
             */
            title?: string;
            /**
             * @description What the tool does; its first 1,000 characters.
             * @example List deals
             */
            description: string;
            effect: components["schemas"]["Effect"];
            /**
             * @description How well it fits, next to the other tools of the answer.
             * @example 4.2
             */
            score: number;
        };
        /** @description How good a run was. */
        Feedback: {
            /**
             * Format: uuid
             * @description Its id.
             * @example 0192f0c1-7a43-7c26-8e33-4f80a0bd2e06
             */
            id: string;
            runId: components["schemas"]["RunId"];
            /**
             * @description Good or bad.
             * @example positive
             * @enum {string}
             */
            rating: "positive" | "negative";
            /** @description In words. */
            comment?: string;
            feedbackSource?: components["schemas"]["FeedbackSource"];
            metadata?: components["schemas"]["FeedbackMetadata"];
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
        };
        /** @description Creates a run again and again, at times of a cron expression. */
        Schedule: {
            scheduleId: components["schemas"]["ScheduleId"];
            /**
             * @description What it is for.
             * @example Sales of the week
             */
            name: string;
            /**
             * @description When: minute, hour, day of the month, month, day of the week, as cron has them (`*`, `5`, `1-5`, `*\/15`, `MON`, `L` for the last day, `5#2` for the second Friday). When both days are given, either is enough.
             * @example 0 9 * * 1
             */
            cron: string;
            /**
             * @description The IANA time zone of cron. A time that the clocks skip comes when the skipped hour is over; one that comes twice counts once.
             * @example Europe/Berlin
             */
            timeZone: string;
            /**
             * @description What happens when the run before has not ended. skip: this time is left out. queue: it waits until then; one waits at most, and the times in between are told as missed.
             * @example skip
             * @enum {string}
             */
            overlap: "skip" | "queue";
            /**
             * @description Whether it creates runs.
             * @example true
             */
            active: boolean;
            run: components["schemas"]["ScheduledRunOutput"];
            /**
             * @description Why Errand paused it. key_revoked: the key of its maker is revoked, has expired, or may no longer create runs. PATCH {active: true} with another key makes that the maker.
             * @example key_revoked
             * @enum {string}
             */
            pausedBecause?: "key_revoked";
            /**
             * @description The next five times; empty while it is not active.
             * @example [
             *       "2026-02-02T08:00:00.000Z",
             *       "2026-02-09T08:00:00.000Z"
             *     ]
             */
            next: components["schemas"]["Timestamp"][];
            /** @description The last time that was due; absent before the first. */
            last?: {
                /** @description The time for which it was. */
                dueAt: components["schemas"]["Timestamp"];
                /**
                 * @description created: there is a run. skipped: the run before had not ended. refused: the run could not be created; see problem.
                 * @example created
                 * @enum {string}
                 */
                outcome: "created" | "skipped" | "refused";
                /** @description The run that was created. */
                runId?: components["schemas"]["RunId"];
                /**
                 * @description Times before it that passed without a run, at most 1,000.
                 * @example 0
                 */
                missed: number;
                /** @description Why the run was refused. */
                problem?: {
                    /**
                     * @description Its code.
                     * @example connection_not_found
                     */
                    code: string;
                    /**
                     * @description What is wrong.
                     * @example There is no integration crm_1a2b3c4d.
                     */
                    detail: string;
                };
            };
            /**
             * @description The key of its maker, as which its runs act.
             * @example billing service
             */
            createdBy: string;
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
        };
        /** @description An address of yours at which Errand tells what happens. */
        Webhook: {
            webhookId: components["schemas"]["WebhookId"];
            /**
             * @description Where events are posted: https on port 443, at a public address.
             * @example https://app.example.com/hooks/errand
             */
            url: string;
            /**
             * @description What is told: names of events, or ["*"] for all, also those that are added later.
             * @example [
             *       "run.end",
             *       "run.waiting"
             *     ]
             */
            events: "*"[] | components["schemas"]["WebhookEvent"][];
            /**
             * @description What it is for.
             * @example Inbox of the app
             */
            description?: string;
            /**
             * @description Whether events are told.
             * @example true
             */
            active: boolean;
            /**
             * @description Why Errand switched it off. gone: it answered 410. failing: it took nothing for five days. secret_lost: its secret does not open with the keys of the service; rotate it first. PATCH {active: true} switches it on again.
             * @example failing
             * @enum {string}
             */
            disabledBecause?: "gone" | "failing" | "secret_lost";
            /** @description When the first attempt failed since the last one that did not; absent while all is well. */
            failingSince?: components["schemas"]["Timestamp"];
            /**
             * @description The last four characters of its secret.
             * @example 3aZ=
             */
            secretLast4: string;
            /**
             * @description Until then the secret before the last rotation signs, too.
             * @example 2026-02-01T09:30:00.000Z
             */
            oldSecretUntil?: components["schemas"]["Timestamp"];
            /**
             * @description The key that made it.
             * @example billing service
             */
            createdBy: string;
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
        };
        /** @description A webhook with its secret. */
        CreatedWebhook: {
            webhookId: components["schemas"]["WebhookId"];
            /**
             * @description Where events are posted: https on port 443, at a public address.
             * @example https://app.example.com/hooks/errand
             */
            url: string;
            /**
             * @description What is told: names of events, or ["*"] for all, also those that are added later.
             * @example [
             *       "run.end",
             *       "run.waiting"
             *     ]
             */
            events: "*"[] | components["schemas"]["WebhookEvent"][];
            /**
             * @description What it is for.
             * @example Inbox of the app
             */
            description?: string;
            /**
             * @description Whether events are told.
             * @example true
             */
            active: boolean;
            /**
             * @description Why Errand switched it off. gone: it answered 410. failing: it took nothing for five days. secret_lost: its secret does not open with the keys of the service; rotate it first. PATCH {active: true} switches it on again.
             * @example failing
             * @enum {string}
             */
            disabledBecause?: "gone" | "failing" | "secret_lost";
            /** @description When the first attempt failed since the last one that did not; absent while all is well. */
            failingSince?: components["schemas"]["Timestamp"];
            /**
             * @description The last four characters of its secret.
             * @example 3aZ=
             */
            secretLast4: string;
            /**
             * @description Until then the secret before the last rotation signs, too.
             * @example 2026-02-01T09:30:00.000Z
             */
            oldSecretUntil?: components["schemas"]["Timestamp"];
            /**
             * @description The key that made it.
             * @example billing service
             */
            createdBy: string;
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
            /**
             * @description Verifies what is posted (Standard Webhooks). No other answer shows it. Store it as a secret.
             * @example whsec_…
             */
            secret: string;
        };
        /** @description One event on its way to one webhook. */
        WebhookDelivery: {
            deliveryId: components["schemas"]["DeliveryId"];
            webhookId: components["schemas"]["WebhookId"];
            /**
             * @description Its header webhook-id: the same in every attempt, and at every webhook that is told.
             * @example msg_0192f0c17a707d338e216b2f4c9a1e04
             */
            messageId: string;
            /**
             * @description What is told.
             * @example run.end
             * @enum {string}
             */
            type: "run.end" | "run.waiting" | "connection.needs_reconnect" | "schedule.refused" | "schedule.paused" | "webhook.disabled" | "webhook.test";
            /**
             * Format: uuid
             * @description The run that it is about.
             * @example 0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01
             */
            runId?: string;
            /**
             * @description pending: to be tried, at nextAttemptAt. delivered: a 2xx came. failed: given up after 14 attempts.
             * @example delivered
             * @enum {string}
             */
            state: "pending" | "delivered" | "failed";
            /**
             * @description How often it was posted, since it was last asked for.
             * @example 1
             */
            attempts: number;
            /**
             * @description The HTTP status of the last answer; absent when there was none.
             * @example 200
             */
            lastStatus?: number;
            /**
             * @description Why the last attempt failed.
             * @example It did not answer within 15 seconds.
             */
            lastError?: string;
            /**
             * @description When it is tried next; only while it is pending.
             * @example 2026-01-31T09:30:03.000Z
             */
            nextAttemptAt?: components["schemas"]["Timestamp"];
            /** @description When it was taken. */
            deliveredAt?: components["schemas"]["Timestamp"];
            createdAt: components["schemas"]["Timestamp"];
        };
        /** @description A page of deliveries, newest first. */
        DeliveryPage: {
            deliveries: components["schemas"]["WebhookDelivery"][];
            /** @description Pass it as cursor to go on; absent on the last page. */
            nextCursor?: string;
        };
        /** @description An API key: enough to recognise it, not to use it. */
        ApiKey: {
            apiKeyId: components["schemas"]["ApiKeyId"];
            /**
             * @description What it is for.
             * @example billing service
             */
            name: string;
            /**
             * @description The first characters of the key.
             * @example er_live_
             */
            prefix: string;
            /**
             * @description Its last four characters.
             * @example k3Zq
             */
            last4: string;
            /**
             * @description What it may do.
             * @example [
             *       "runs:read",
             *       "runs:write"
             *     ]
             */
            scopes: components["schemas"]["Scope"][];
            /** @description The key that created it; absent when the service did. */
            createdBy?: components["schemas"]["ApiKeyId"];
            createdAt: components["schemas"]["Timestamp"];
            /**
             * @description When it expires; requests with it are refused from then on.
             * @example 2027-01-31T09:30:00.000Z
             */
            expiresAt?: components["schemas"]["Timestamp"];
            /** @description When it was revoked. */
            revokedAt?: components["schemas"]["Timestamp"];
            /**
             * @description The key that replaced it by a rotation.
             * @example 0192f0c1-7a51-7a10-9c44-1d0e5f7b2a05
             */
            replacedBy?: components["schemas"]["ApiKeyId"];
            /**
             * Format: uuid
             * @description Who acts with it: the apiKeyId of the first key, also after rotations.
             * @example 0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04
             */
            principalId: string;
            /** @description When it was last used, to the minute; absent when it never was. */
            lastUsedAt?: components["schemas"]["Timestamp"];
        };
        /** @description A new API key. */
        CreatedApiKey: {
            apiKeyId: components["schemas"]["ApiKeyId"];
            /**
             * @description What it is for.
             * @example billing service
             */
            name: string;
            /**
             * @description The first characters of the key.
             * @example er_live_
             */
            prefix: string;
            /**
             * @description Its last four characters.
             * @example k3Zq
             */
            last4: string;
            /**
             * @description What it may do.
             * @example [
             *       "runs:read",
             *       "runs:write"
             *     ]
             */
            scopes: components["schemas"]["Scope"][];
            /** @description The key that created it; absent when the service did. */
            createdBy?: components["schemas"]["ApiKeyId"];
            createdAt: components["schemas"]["Timestamp"];
            /**
             * @description When it expires; requests with it are refused from then on.
             * @example 2027-01-31T09:30:00.000Z
             */
            expiresAt?: components["schemas"]["Timestamp"];
            /** @description When it was revoked. */
            revokedAt?: components["schemas"]["Timestamp"];
            /**
             * @description The key that replaced it by a rotation.
             * @example 0192f0c1-7a51-7a10-9c44-1d0e5f7b2a05
             */
            replacedBy?: components["schemas"]["ApiKeyId"];
            /**
             * Format: uuid
             * @description Who acts with it: the apiKeyId of the first key, also after rotations.
             * @example 0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04
             */
            principalId: string;
            /** @description When it was last used, to the minute; absent when it never was. */
            lastUsedAt?: components["schemas"]["Timestamp"];
            /**
             * @description The key itself. No other answer shows it. Store it as a secret.
             * @example er_live_…
             */
            key: string;
        };
        /** @description A page of users, in the order of their ids. */
        UserList: {
            users: components["schemas"]["User"][];
            /** @description Pass it as cursor to go on; absent on the last page. */
            nextCursor?: string;
        };
        /** @description An end user: somebody who has runs or connections. */
        User: {
            userId: components["schemas"]["UserId"];
            /** @description Integrations that know the user. */
            connections: {
                customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
                /**
                 * @description Whether the user has a credential there that may be used.
                 * @example true
                 */
                active: boolean;
                createdAt: components["schemas"]["Timestamp"];
                updatedAt: components["schemas"]["Timestamp"];
            }[];
            /** @description The newest run on behalf of the user; absent when there is none. */
            lastRun?: {
                runId: components["schemas"]["RunId"];
                status: components["schemas"]["RunStatus"];
                createdAt: components["schemas"]["Timestamp"];
            };
        };
        /** @description What was erased of a user. */
        ErasedUser: {
            userId: components["schemas"]["UserId"];
            /**
             * @description Integrations from which the user was removed.
             * @example [
             *       "crm_1a2b3c4d"
             *     ]
             */
            erased: components["schemas"]["CustomerIntegrationId"][];
        };
        /** @description What the ended runs of a range of days came to. */
        UsageReport: {
            /**
             * Format: date
             * @description The first day.
             * @example 2026-01-01
             */
            from: string;
            /**
             * Format: date
             * @description The last day.
             * @example 2026-01-31
             */
            to: string;
            by: components["schemas"]["UsageBy"];
            /** @description All runs are counted that ended until then. Normally that is now; it is earlier while the service catches up. */
            asOf: components["schemas"]["Timestamp"];
            /**
             * @description By which share quantiles may differ from exact ones. Counts are exact, but for keys that a day no longer had room for.
             * @example 0.01
             */
            relativeError: number;
            /** @description By day: in order, without days on which no run ended. Else: most runs first. */
            rows: components["schemas"]["UsageRow"][];
        };
        /** @description What some runs came to. */
        UsageRow: {
            /**
             * @description The day, status, integration, tool or user; `other` in the last row.
             * @example 2026-01-31
             */
            key: string;
            /**
             * @description Set in the row of all keys that have no row of their own: there are 100 at most, those with most runs.
             * @example true
             * @constant
             */
            other?: true;
            /**
             * @description Runs that ended.
             * @example 1200
             */
            runs: number;
            /**
             * @description Those with SUCCESS.
             * @example 1100
             */
            succeeded: number;
            /**
             * @description Those with FAILED.
             * @example 20
             */
            failed: number;
            /**
             * @description Calls of tools; in a row of an integration or tool, calls of it.
             * @example 4800
             */
            calls: number;
            /**
             * @description Those that failed, or of which nobody knows whether they took effect.
             * @example 35
             */
            callErrors: number;
            /**
             * @description Tokens that models read and wrote for the runs.
             * @example 310000
             */
            tokens: number;
            /**
             * @description What models cost for the runs. Absent when none was asked, a price is not known, or currencies differ.
             * @example {
             *       "amount": 1.2,
             *       "currency": "USD"
             *     }
             */
            cost?: {
                /**
                 * @description In units of the currency.
                 * @example 1.2
                 */
                amount: number;
                /**
                 * @description ISO 4217.
                 * @example USD
                 */
                currency: string;
            };
            /**
             * @description Half of the runs took at most this from create to end, in ms. Absent in the row `other`.
             * @example 420
             */
            p50Ms?: number;
            /**
             * @description 95 % of the runs took at most this.
             * @example 420
             */
            p95Ms?: number;
            /**
             * @description Where the time went, each phase over the runs that had it. The four add up to the duration of a run.
             * @example {
             *       "queued": {
             *         "p50Ms": 4,
             *         "p95Ms": 20
             *       },
             *       "calls": {
             *         "p50Ms": 120,
             *         "p95Ms": 900
             *       }
             *     }
             */
            phases?: {
                /**
                 * @description From create to start.
                 * @example {
                 *       "p50Ms": 120,
                 *       "p95Ms": 900
                 *     }
                 */
                queued?: {
                    /**
                     * @description Half of the runs took at most this, in ms.
                     * @example 120
                     */
                    p50Ms: number;
                    /**
                     * @description 95 % of the runs took at most this, in ms.
                     * @example 900
                     */
                    p95Ms: number;
                };
                /**
                 * @description Until the first plan was stored, of runs for which a planner was asked.
                 * @example {
                 *       "p50Ms": 120,
                 *       "p95Ms": 900
                 *     }
                 */
                planning?: {
                    /**
                     * @description Half of the runs took at most this, in ms.
                     * @example 120
                     */
                    p50Ms: number;
                    /**
                     * @description 95 % of the runs took at most this, in ms.
                     * @example 900
                     */
                    p95Ms: number;
                };
                /**
                 * @description All the rest: calls, and what is between them.
                 * @example {
                 *       "p50Ms": 120,
                 *       "p95Ms": 900
                 *     }
                 */
                calls?: {
                    /**
                     * @description Half of the runs took at most this, in ms.
                     * @example 120
                     */
                    p50Ms: number;
                    /**
                     * @description 95 % of the runs took at most this, in ms.
                     * @example 900
                     */
                    p95Ms: number;
                };
                /**
                 * @description While something was asked of a human, of runs of which something was.
                 * @example {
                 *       "p50Ms": 120,
                 *       "p95Ms": 900
                 *     }
                 */
                waiting?: {
                    /**
                     * @description Half of the runs took at most this, in ms.
                     * @example 120
                     */
                    p50Ms: number;
                    /**
                     * @description 95 % of the runs took at most this, in ms.
                     * @example 900
                     */
                    p95Ms: number;
                };
            };
        };
        /** @description A page of the audit log, newest first. */
        AuditPage: {
            entries: components["schemas"]["AuditEntry"][];
            /** @description Pass it as cursor to go on; absent on the last page. */
            nextCursor?: string;
        };
        /** @description Something that was done, by whom, and to what. */
        AuditEntry: {
            /**
             * Format: uuid
             * @description Its id.
             * @example 0192f0c1-7a60-7a11-9c01-5b1c9e7d4407
             */
            auditId: string;
            at: components["schemas"]["Timestamp"];
            actor: components["schemas"]["AuditActor"];
            action: components["schemas"]["AuditAction"];
            /**
             * @description What it was done to: the id of a key, an integration, a user …
             * @example crm_1a2b3c4d
             */
            target: string;
            /**
             * @description More about it, never a secret.
             * @example {
             *       "userId": "user-123"
             *     }
             */
            details: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @description Its position in the chain of hashes; absent for some seconds after it was written. */
            seal?: {
                /**
                 * @description Its number in the chain of the workspace, from 1.
                 * @example 42
                 */
                seq: number;
                /**
                 * @description SHA-256 over the entry and the hash before it.
                 * @example 9f86d081
                 */
                hash: string;
            };
        };
        /** @description Who did it: a principal. */
        AuditActor: {
            /**
             * @description subject: the user of an access token. link: the holder of a link. system: the service itself.
             * @example api_key
             * @enum {string}
             */
            type: "api_key" | "subject" | "link" | "system";
            /**
             * @description For a key: its principalId, which rotations do not change; details.byApiKeyId is the key that was used. For a subject: the issuer, a space, and its sub. For a link: the id of what it is about.
             * @example 0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04
             */
            id?: string;
            /**
             * @description Its name, for people.
             * @example billing service
             */
            label: string;
            /**
             * @description Where the request came from.
             * @example 203.0.113.7
             */
            ip?: string;
        };
        /** @description What an approval asks, and where it stands. */
        ApprovalView: {
            approvalId: components["schemas"]["ApprovalId"];
            runId: components["schemas"]["RunId"];
            userId: components["schemas"]["UserId"];
            /**
             * @description What the run is for.
             * @example Log a call with Contoso
             */
            intent: string;
            /**
             * @description The request, for people.
             * @example Create a ticket for Northwind at Demo CRM?
             */
            text: string;
            /** @description Absent for a plan. */
            tool?: components["schemas"]["ToolName"];
            /** @description The arguments of the call; a list of `{toolCallId, args}` where the approval is about several calls. */
            args?: components["schemas"]["Json"];
            /** @description The plan, where one is asked about. */
            plan?: components["schemas"]["PlanOutput"];
            /** @description The call as it was asked about, for people. */
            inWords?: components["schemas"]["CallInWords"];
            /** @description The plan, for people. */
            planInWords?: components["schemas"]["PlanInWords"];
            /**
             * @description SHA-256 over the arguments or the plan, as canonical JSON (RFC 8785).
             * @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
             */
            argsSha256: string;
            /** @description Then it counts as denied. */
            expiresAt?: components["schemas"]["Timestamp"];
            /**
             * @description gone: expired, or the run has ended.
             * @example pending
             * @enum {string}
             */
            state: "pending" | "approved" | "denied" | "gone";
            /**
             * @description Who decided; absent before, and when the request has expired.
             * @example a link
             */
            decidedBy?: string;
            /**
             * @description Why.
             * @example Too expensive
             */
            reason?: string;
        };
        /** @description A call, for people: names instead of ids. */
        CallInWords: {
            /**
             * @description What it does, in one sentence without its end.
             * @example Create a ticket for Northwind at Demo CRM with priority high
             */
            sentence: string;
            /**
             * @description What the plan says about it.
             * @example They asked for a call back
             */
            reason?: string;
            /** @description Its arguments, at most 100. */
            args: components["schemas"]["ArgumentInWords"][];
            /** @description The first 50 calls, where one approval is about several calls of a step; `args` is empty. */
            calls?: {
                toolCallId: components["schemas"]["ToolCallId"];
                /**
                 * @description What it does, in one sentence without its end.
                 * @example Create a ticket for Northwind at Demo CRM with priority high
                 */
                sentence: string;
            }[];
        };
        /** @description An argument, for people. */
        ArgumentInWords: {
            /**
             * @description JSON pointer into the arguments.
             * @example /body/accountId
             */
            pointer: string;
            /**
             * @description What it is called, as words.
             * @example account id
             */
            label: string;
            /**
             * @description Its value, as words.
             * @example acc_000001
             */
            text: string;
            /**
             * @description The name of the thing whose id it is, as an earlier step found it.
             * @example Northwind
             */
            name?: string;
            /**
             * @description Where the value comes from: the intent, the context, a step and what it found, a model, the time of the run, or the plan.
             * @example found by List accounts
             */
            origin: string;
            /**
             * @description literal: the plan sets it. step: an earlier step found it. item: of an item of a list that a step found. model: a model writes it. now: computed from the time of the run.
             * @example step
             * @enum {string}
             */
            from?: "literal" | "intent" | "context" | "input" | "user" | "now" | "step" | "item" | "model";
            /**
             * @description The step that found it.
             * @example account
             */
            stepId?: components["schemas"]["StepId"];
            /**
             * @description Where in the output of that step, if it is a plain path.
             * @example items[0].id
             */
            path?: string;
        };
        /** @description A plan, for people. */
        PlanInWords: {
            /**
             * @description What the plan achieves.
             * @example Deals over 50000 of Northwind
             */
            goal: string;
            /** @description Its steps, in the order of the plan; sentences name them by number. */
            steps: components["schemas"]["StepInWords"][];
            /**
             * @description What it answers with.
             * @example deals from 2 and owners from 3
             */
            result?: string;
        };
        /** @description A step of a plan, for people. */
        StepInWords: {
            /**
             * @description What it does, in one sentence without its end.
             * @example Create a ticket for Northwind at Demo CRM with priority high
             */
            sentence: string;
            /**
             * @description What the plan says about it.
             * @example They asked for a call back
             */
            reason?: string;
            /** @description Its arguments, at most 100. */
            args: components["schemas"]["ArgumentInWords"][];
            /**
             * @description The name of the integration that it calls.
             * @example Demo CRM
             */
            integration?: string;
            effect: components["schemas"]["Effect"];
            /**
             * @description When and how often it runs.
             * @example [
             *       "once for each item found in 1"
             *     ]
             */
            notes: string[];
        };
        /** @description A question to a person, and where it stands. */
        QuestionView: {
            requestId: components["schemas"]["QuestionId"];
            runId: components["schemas"]["RunId"];
            userId: components["schemas"]["UserId"];
            /**
             * @description What the run is for.
             * @example Send Alex the offer
             */
            intent: string;
            /**
             * @description The question, for people.
             * @example Which Alex do you mean?
             */
            question: string;
            /** @description The answers of a question to choose from; absent when people answer in words. */
            choices?: components["schemas"]["Choice"][];
            /** @description The form of a question or of a service: a flat JSON Schema whose properties are texts, numbers, yes or no, or choices. */
            requestedSchema?: components["schemas"]["JsonSchema"];
            /** @description Then it counts as not answered. */
            expiresAt?: components["schemas"]["Timestamp"];
            /**
             * @description gone: expired, or the run has ended.
             * @example pending
             * @enum {string}
             */
            state: "pending" | "answered" | "gone";
            /**
             * @description The value of the chosen answer; an object that fits `requestedSchema` where there is one; else words of the person; null for no answer: what needs it is then not done.
             * @example con_000017
             */
            answer?: string | number | boolean | null | {
                [key: string]: string | number | boolean;
            };
            /**
             * @description Who answered.
             * @example er_live_…k3Zq
             */
            answeredBy?: string;
        };
        /** @description What a service asks in the middle of a call, and where it stands. */
        InputView: {
            requestId: components["schemas"]["QuestionId"];
            runId: components["schemas"]["RunId"];
            userId: components["schemas"]["UserId"];
            customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
            /**
             * @description What the run is for.
             * @example Book a table for two
             */
            intent: string;
            /**
             * @description What the service asks.
             * @example How many seats?
             */
            text: string;
            /** @description The form of a question or of a service: a flat JSON Schema whose properties are texts, numbers, yes or no, or choices. */
            requestedSchema?: components["schemas"]["JsonSchema"];
            /**
             * @description A page of the service that the user is to open. Show its host, and open it only when the user says so; then answer with accept.
             * @example https://pay.example.com/confirm/4711
             */
            openUrl?: string;
            /** @description Then it counts as not answered. */
            expiresAt?: components["schemas"]["Timestamp"];
            /**
             * @description gone: expired, or the run has ended.
             * @example pending
             * @enum {string}
             */
            state: "pending" | "answered" | "gone";
            /**
             * @description accept: here is the answer, or the page was opened. decline: the user does not want to answer. cancel: the user has put it aside. The service is told.
             * @example accept
             * @enum {string}
             */
            action?: "accept" | "decline" | "cancel";
            /**
             * @description Who answered.
             * @example er_live_…k3Zq
             */
            answeredBy?: string;
        };
        /** @description One event of a run. The log of events is the truth; the run is its fold. An event that asks a human says AUTH_REQUIRED (for a consent or credential) or PAUSED in runStatus, also while other steps go on: the status of the run stays RUNNING until none does, and events of those steps say RUNNING. */
        RunEventOutput: components["schemas"]["StartEvent"] | components["schemas"]["StatusEvent"] | components["schemas"]["StepEvent"] | components["schemas"]["AuthenticationEvent"] | components["schemas"]["RunApprovalEventOutput"] | components["schemas"]["RunActionEvent"] | components["schemas"]["QuestionEvent"] | components["schemas"]["InputEvent"] | components["schemas"]["AnswerEvent"] | components["schemas"]["EndEvent"];
        /** @description The plan waits for approval. */
        RunApprovalEventOutput: {
            /**
             * @description The name of the event. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "run_approval";
            /**
             * @description Its number in the run: 1, 2, 3 … without gaps; the id on a stream.
             * @example 1
             */
            seq: number;
            runId: components["schemas"]["RunId"];
            runStatus: components["schemas"]["RunStatus"];
            timestamp: components["schemas"]["Timestamp"];
            approvalId: components["schemas"]["ApprovalId"];
            /** @description Links, for keys that may decide. */
            approvalActions?: components["schemas"]["ApprovalAction"][];
            plan: components["schemas"]["ExecutionPlanOutput"];
            /**
             * @description The plan in words: its goal, and a numbered line for each step.
             * @example Deals of Northwind
             *
             *     1. List accounts matching "Northwind"
             *     2. List deals of the account found in 1
             */
            text?: string;
            expiresAt: components["schemas"]["Timestamp"];
        };
        /** @description The plan of a run. */
        ExecutionPlanOutput: {
            /**
             * @description Planning is not done.
             * @constant
             */
            planType: "text";
            /**
             * @description A placeholder.
             * @example Planning has not finished.
             */
            plan: string;
        } | {
            /**
             * @description The plan is a program.
             * @constant
             */
            planType: "json";
            plan: components["schemas"]["PlanOutput"];
            /**
             * @description What the run of an action was given.
             * @example {
             *       "accountName": "Contoso"
             *     }
             */
            input?: {
                [key: string]: components["schemas"]["Json"];
            };
        };
        /** @description A plan is a program of tool calls. */
        PlanOutput: {
            /**
             * @description What the plan achieves.
             * @example Deals over 50000 of Northwind
             */
            goal: string;
            /** @description The calls. Steps that do not depend on each other run in parallel. */
            steps: components["schemas"]["PlanStepOutput"][];
            /**
             * @description The result: a literal in which any value may be a binding, a text with values or a fill. Absent: the output of the last step.
             * @example {
             *       "$": "{'deals': steps.deals.output.items}"
             *     }
             */
            result?: components["schemas"]["Json"];
            /**
             * @description In place of a result: the plan only reads, and its planner is asked for another plan with what was read. Not in plans of callers.
             * @example plan
             * @constant
             */
            then?: "plan";
            /**
             * @description Beside `then`: the write tools that the next plan may call. They are named before anything is read; any other one asks a human.
             * @example [
             *       "crm_1a2b3c4d.createActivity"
             *     ]
             */
            mayWrite?: components["schemas"]["ToolName"][];
        };
        /** @description One tool call of a plan, or one for each item of a list. */
        PlanStepOutput: {
            id: components["schemas"]["StepId"];
            tool: components["schemas"]["ToolName"];
            /** @description What the planner believes; when given it must be what the tool is. */
            effect?: components["schemas"]["Effect"];
            /**
             * @description Arguments as the tool's input schema groups them. Any value in them may be a binding {"$": "an expression"}, a text with values {"$text": "Call {{an expression}}"} or a value for a model {"$fill": "what it must be"}.
             * @default {}
             * @example {
             *       "query": {
             *         "accountId": {
             *           "$": "steps.account.output.items[0].id"
             *         },
             *         "minAmount": 50000
             *       }
             *     }
             */
            args: {
                [key: string]: components["schemas"]["Json"];
            };
            /**
             * @description Steps that must have ended first, beside those that the bindings name.
             * @example [
             *       "account"
             *     ]
             */
            dependsOn?: components["schemas"]["StepId"][];
            /**
             * @description Why the step is there, for people.
             * @example Its large deals
             */
            reason?: string;
            /** @description An array: the step runs once for each item. */
            forEach?: components["schemas"]["Binding"];
            pages?: components["schemas"]["PagesOutput"];
            /** @description The step runs if this gives true, and is skipped if it gives false or nothing. Anything else fails it. */
            when?: components["schemas"]["Binding"];
            /** @description When this is true the plan ends before the step: no later step runs, and the run tells `say`. */
            unless?: components["schemas"]["Binding"];
            /**
             * @description What people are told when `unless` ends the plan: a sentence, alone or with values in it, or a binding.
             * @example Northwind has no deals over 50,000.
             */
            say?: string | components["schemas"]["Text"] | components["schemas"]["Binding"];
        };
        /** @description How to read all pages of a list: the output of the step is the list of their items. */
        PagesOutput: {
            /**
             * @description Where the items of a page are: a plain path from `page`, the answer of the tool.
             * @example {
             *       "$": "page.items"
             *     }
             */
            items: components["schemas"]["Binding"];
            /**
             * @description What leads to the next page; nothing, null, false or an empty text after the last. It also sees `page`, `pageCount` and `itemCount` (read so far), and `link`, the query parameters of the next page in the Link header.
             * @example {
             *       "$": "page.nextCursor"
             *     }
             */
            next: components["schemas"]["Binding"];
            /**
             * @description The argument that takes what `next` gives.
             * @example query.cursor
             */
            into: string;
            /**
             * @description Pages that are read at most. When there may be more, the event of the step says so.
             * @default 10
             * @example 10
             */
            max: number;
            /**
             * @description Whether the step fails when there may be more items: a sum of a part would be wrong.
             * @example true
             */
            complete?: boolean;
        };
        /** @description An errand as it is created each time: all fields of a run but passThrough and startAt. */
        ScheduledRunOutput: {
            /**
             * @description The goal, in natural language.
             * @example Create a summary of the latest sales data
             */
            intent: string;
            /**
             * @description The integrations that may be used, or ["*"] for all that are active when the run starts.
             * @example [
             *       "*"
             *     ]
             * @example [
             *       "crm_1a2b3c4d"
             *     ]
             */
            selectedCustomerIntegrationIds: "*"[] | components["schemas"]["CustomerIntegrationId"][];
            /**
             * @description Execution detail that need not be in the intent, often key=value; key=value.
             * @default
             * @example Focus on Q4 2023 data with regional breakdown
             */
            context: string;
            userId: components["schemas"]["UserId"];
            user?: components["schemas"]["RunUser"];
            /** @default NONE */
            approvalStrategy: components["schemas"]["ApprovalStrategy"];
            /**
             * @description A run repeats the plan of an earlier successful run with the same key, intent, schema and user. Default: the run's own id, so that nothing is repeated.
             * @example weekly-sales
             */
            repeatKey?: string;
            /** @description The wanted shape of the result. */
            outputSchema?: components["schemas"]["JsonSchema"];
            budget?: components["schemas"]["Budget"];
            /** @description Your own plan. It is checked, then executed unchanged, without planning. */
            plan?: components["schemas"]["PlanOutput"];
            /** @default {} */
            metadata: components["schemas"]["Metadata"];
            /**
             * @description Orders the runs of a workspace that wait for their turn: higher ones first, then older ones. It has no effect between workspaces, which take turns.
             * @default 0
             * @example 5
             */
            priority: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description Names this request in logs and in support. */
        RequestId: string;
        /** @description Seconds to wait before the next try. */
        RetryAfter: string;
        /** @description How to send the API key. */
        WwwAuthenticate: string;
        /** @description How many requests (`q`) the key may make in how many seconds (`w`). */
        RatelimitPolicy: string;
        /** @description How many requests the key has left (`r`), and in how many seconds it has all of them again (`t`). */
        Ratelimit: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    runsList: {
        parameters: {
            query?: {
                includeEvents?: boolean;
                includeToolCalls?: boolean;
                userId?: components["schemas"]["UserId"];
                /** @description Runs of any of these statuses. */
                status?: components["schemas"]["RunStatus"][];
                /** @description Runs whose selection names any of these, or that called a tool of any of these. */
                customerIntegrationIds?: components["schemas"]["CustomerIntegrationId"][];
                /** @description Runs of this repeatKey. */
                repeatKey?: string;
                /** @description Runs whose metadata holds all of these pairs: metadata[team]=sales. */
                metadata?: {
                    [key: string]: string;
                };
                /** @description Runs that this schedule created, also those asked for now. */
                scheduleId?: components["schemas"]["ScheduleId"];
                /** @description Runs that were created at this moment or later. */
                createdAfter?: string;
                /** @description Runs that were created before this moment. */
                createdBefore?: string;
                /** @description Runs whose intent has all of these words, in any order: whole words, whatever their case, among its first 2,000 characters. Punctuation separates words and has no other meaning; no word is too common. Each character of Han, Kana and Thai is a word. */
                q?: string;
                /** @description Runs that ended with this code in `error`. */
                errorCode?: components["schemas"]["RunErrorCode"];
                /** @description true: runs of which something is asked of a human now, those whose `waitingOn` is not empty, also while other steps of them go on. false: the others. */
                waiting?: boolean;
                sort?: "-createdAt" | "createdAt" | "-duration";
                page?: number;
                pageSize?: number;
                /** @description nextCursor of the page before, for the same filters and sort. Costs the same on every page; such pages carry no totals. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of runs. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunList"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_cursor`: The cursor is not one of ours
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runsCreate: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["schemas"]["IdempotencyKey"];
                /** @description From the header Prefer. wait=N (at most 60): answer when the run has ended or N seconds have passed. */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description The goal, in natural language.
                     * @example Create a summary of the latest sales data
                     */
                    intent: string;
                    /**
                     * @description The integrations that may be used, or ["*"] for all that are active when the run starts.
                     * @example [
                     *       "*"
                     *     ]
                     * @example [
                     *       "crm_1a2b3c4d"
                     *     ]
                     */
                    selectedCustomerIntegrationIds: "*"[] | components["schemas"]["CustomerIntegrationId"][];
                    /**
                     * @description Execution detail that need not be in the intent, often key=value; key=value.
                     * @default
                     * @example Focus on Q4 2023 data with regional breakdown
                     */
                    context?: string;
                    userId: components["schemas"]["UserId"];
                    user?: components["schemas"]["RunUser"];
                    /** @default NONE */
                    approvalStrategy?: components["schemas"]["ApprovalStrategy"];
                    /**
                     * @description A run repeats the plan of an earlier successful run with the same key, intent, schema and user. Default: the run's own id, so that nothing is repeated.
                     * @example weekly-sales
                     */
                    repeatKey?: string;
                    /** @description The wanted shape of the result. */
                    outputSchema?: components["schemas"]["JsonSchema"];
                    /** @description Headers and parameters to add to the calls of this run, for selected integrations. A header or parameter with the name of the integration's own credential (that of an API_TOKEN, Authorization of OAUTH2 and Google) replaces the credential, at the integration's origin only; no consent is asked for. The credential of an AWS integration cannot be replaced. All are stored sealed until the run ends and never shown; a repeat needs them again. They cannot replace an argument of a call, or a header that controls the connection, such as Host. */
                    passThrough?: components["schemas"]["PassThrough"][];
                    budget?: components["schemas"]["Budget"];
                    /** @description Your own plan. It is checked, then executed unchanged, without planning. */
                    plan?: components["schemas"]["Plan"];
                    /** @default {} */
                    metadata?: components["schemas"]["Metadata"];
                    /**
                     * @description Orders the runs of a workspace that wait for their turn: higher ones first, then older ones. It has no effect between workspaces, which take turns.
                     * @default 0
                     * @example 5
                     */
                    priority?: number;
                    /**
                     * Format: date-time
                     * @description Not before this moment, at most a year ahead: until then the run is QUEUED and can be cancelled. One that has passed means at once.
                     * @example 2026-01-31T09:30:00.000Z
                     */
                    startAt?: string;
                };
            };
        };
        responses: {
            /** @description The run as it was accepted, with its plan, or a placeholder of it. With `Prefer: wait` the run as it stands after the wait. */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    /** @description `true` when this is the answer to an earlier request with the same Idempotency-Key. */
                    "idempotent-replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedRun"] | components["schemas"]["RunHandle"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `connection_not_found`: No such integration
             *     `connection_inactive`: The integration is inactive
             *     `plan_invalid`: The plan does not pass the checker
             *     `not_supported`: Not served yet
             *     `invalid_idempotency_key`: The Idempotency-Key is not valid
             *     `schema_not_supported`: The JSON Schema uses something that is not supported
             *     `schema_pattern_unsupported`: A pattern of the JSON Schema is not supported
             *     `schema_too_complex`: The JSON Schema is too complex
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_in_progress`: The first request with this key is still in flight */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `idempotency_key_reused`: Idempotency-Key used with another body */
            422: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_waits`: Too many requests that wait
             *     `rate_limited`: Too many requests
             */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runsPreflight: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description The goal, in natural language.
                     * @example Create a summary of the latest sales data
                     */
                    intent: string;
                    /**
                     * @description The integrations that may be used, or ["*"] for all that are active when the run starts.
                     * @example [
                     *       "*"
                     *     ]
                     * @example [
                     *       "crm_1a2b3c4d"
                     *     ]
                     */
                    selectedCustomerIntegrationIds: "*"[] | components["schemas"]["CustomerIntegrationId"][];
                    /**
                     * @description Execution detail that need not be in the intent, often key=value; key=value.
                     * @default
                     * @example Focus on Q4 2023 data with regional breakdown
                     */
                    context?: string;
                    userId: components["schemas"]["UserId"];
                    user?: components["schemas"]["RunUser"];
                    /** @default NONE */
                    approvalStrategy?: components["schemas"]["ApprovalStrategy"];
                    /**
                     * @description A run repeats the plan of an earlier successful run with the same key, intent, schema and user. Default: the run's own id, so that nothing is repeated.
                     * @example weekly-sales
                     */
                    repeatKey?: string;
                    /** @description The wanted shape of the result. */
                    outputSchema?: components["schemas"]["JsonSchema"];
                    /** @description Headers and parameters to add to the calls of this run, for selected integrations. A header or parameter with the name of the integration's own credential (that of an API_TOKEN, Authorization of OAUTH2 and Google) replaces the credential, at the integration's origin only; no consent is asked for. The credential of an AWS integration cannot be replaced. All are stored sealed until the run ends and never shown; a repeat needs them again. They cannot replace an argument of a call, or a header that controls the connection, such as Host. */
                    passThrough?: components["schemas"]["PassThrough"][];
                    budget?: components["schemas"]["Budget"];
                    /** @description Your own plan. It is checked, then executed unchanged, without planning. */
                    plan?: components["schemas"]["Plan"];
                    /** @default {} */
                    metadata?: components["schemas"]["Metadata"];
                    /**
                     * @description Orders the runs of a workspace that wait for their turn: higher ones first, then older ones. It has no effect between workspaces, which take turns.
                     * @default 0
                     * @example 5
                     */
                    priority?: number;
                    /**
                     * Format: date-time
                     * @description Not before this moment, at most a year ahead: until then the run is QUEUED and can be cancelled. One that has passed means at once.
                     * @example 2026-01-31T09:30:00.000Z
                     */
                    startAt?: string;
                };
            };
        };
        responses: {
            /** @description What the run would do, and what it would need. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preflight"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `connection_not_found`: No such integration
             *     `connection_inactive`: The integration is inactive
             *     `plan_invalid`: The plan does not pass the checker
             *     `schema_not_supported`: The JSON Schema uses something that is not supported
             *     `schema_pattern_unsupported`: A pattern of the JSON Schema is not supported
             *     `schema_too_complex`: The JSON Schema is too complex
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_preflights`: Too many preflights at once
             *     `rate_limited`: Too many requests
             */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runsRerun: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["schemas"]["IdempotencyKey"];
                /** @description From the header Prefer. wait=N (at most 60): answer when the run has ended or N seconds have passed. */
                Prefer?: string;
            };
            path: {
                /** @description Names a run. Version 7: ids sort by creation time. */
                runId: components["schemas"]["RunId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description same_plan: the plan of the run is executed again, step by step, and no planner is asked; it must call the same tools as before. new_plan: the run is planned again.
                     * @example same_plan
                     * @enum {string}
                     */
                    mode: "same_plan" | "new_plan";
                    /**
                     * @description Another goal, only with new_plan. Default: that of the run.
                     * @example Create a summary of the latest sales data
                     */
                    intent?: string;
                    /**
                     * @description Another context. With same_plan it may differ only in values that the plan binds (`account=Northwind`, then `account=Contoso`), as in a repeat. Default: that of the run.
                     * @example account=Contoso
                     */
                    context?: string;
                    /**
                     * @description Default: that of the run.
                     * @example ON_WRITE
                     */
                    approvalStrategy?: components["schemas"]["ApprovalStrategy"];
                    /** @description As in a new run. When the run passed something through, it must be sent again; an empty list means that nothing is. */
                    passThrough?: components["schemas"]["PassThrough"][];
                };
            };
        };
        responses: {
            /** @description The new run as it was accepted, with `rerunOf`. With `Prefer: wait` the run as it stands after the wait. */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    /** @description `true` when this is the answer to an earlier request with the same Idempotency-Key. */
                    "idempotent-replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedRun"] | components["schemas"]["RunHandle"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `connection_not_found`: No such integration
             *     `connection_inactive`: The integration is inactive
             *     `invalid_idempotency_key`: The Idempotency-Key is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `plan_not_repeatable`: The plan cannot be executed again
             *     `tools_changed`: Tools of the plan have changed
             *     `request_in_progress`: The first request with this key is still in flight
             */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `idempotency_key_reused`: Idempotency-Key used with another body */
            422: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_waits`: Too many requests that wait
             *     `rate_limited`: Too many requests
             */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runsGet: {
        parameters: {
            query?: {
                includeEvents?: boolean;
                includeToolCalls?: boolean;
            };
            header?: never;
            path: {
                /** @description Names a run. Version 7: ids sort by creation time. */
                runId: components["schemas"]["RunId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runsCancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a run. Version 7: ids sort by creation time. */
                runId: components["schemas"]["RunId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run, cancelled. A run that was cancelled before is answered as it is. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"] | components["schemas"]["RunHandle"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `run_already_finished`: The run has ended */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runsEvents: {
        parameters: {
            query?: {
                includeToolCalls?: boolean;
                after?: number;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description Names a run. Version 7: ids sort by creation time. */
                runId: components["schemas"]["RunId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events after `after`, oldest first. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventList"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runsToolCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a run. Version 7: ids sort by creation time. */
                runId: components["schemas"]["RunId"];
                /** @description Names the call within its run. */
                toolCallId: components["schemas"]["ToolCallId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The call, whole. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolCall"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runsStream: {
        parameters: {
            query?: {
                includeToolCalls?: boolean;
                /** @description Start after this event. A Last-Event-ID header wins. */
                after?: string;
                progress?: boolean;
                /** @description The id of the last event received. */
                lastEventId?: string;
            };
            header?: {
                /** @description The id of the last event received. */
                "Last-Event-ID"?: string;
            };
            path: {
                /** @description Names a run. Version 7: ids sort by creation time. */
                runId: components["schemas"]["RunId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events: `id`, `event` (the `type` of the item) and `data` (the item as JSON). A frame with `event: keepalive` and `data: null` comes when nothing else does. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["RunStreamFrame"];
                };
            };
            /** @description Nothing is left to send; do not connect again. */
            204: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_event_id`: The event id is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_streams`: Too many open streams
             *     `rate_limited`: Too many requests
             */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runsWatch: {
        parameters: {
            query?: {
                userId?: components["schemas"]["UserId"];
                /** @description Runs of any of these statuses. */
                status?: components["schemas"]["RunStatus"][];
                /** @description Runs whose selection names any of these, or that called a tool of any of these. */
                customerIntegrationIds?: components["schemas"]["CustomerIntegrationId"][];
                /** @description Runs of this repeatKey. */
                repeatKey?: string;
                /** @description Runs whose metadata holds all of these pairs: metadata[team]=sales. */
                metadata?: {
                    [key: string]: string;
                };
                /** @description Runs that this schedule created, also those asked for now. */
                scheduleId?: components["schemas"]["ScheduleId"];
                /** @description Runs that were created at this moment or later. */
                createdAfter?: string;
                /** @description Runs that were created before this moment. */
                createdBefore?: string;
                /** @description Runs whose intent has all of these words, in any order: whole words, whatever their case, among its first 2,000 characters. Punctuation separates words and has no other meaning; no word is too common. Each character of Han, Kana and Thai is a word. */
                q?: string;
                /** @description Runs that ended with this code in `error`. */
                errorCode?: components["schemas"]["RunErrorCode"];
                /** @description true: runs of which something is asked of a human now, those whose `waitingOn` is not empty, also while other steps of them go on. false: the others. */
                waiting?: boolean;
                /** @description The id of the last frame received. */
                lastEventId?: string;
            };
            header?: {
                /** @description The id of the last frame received. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events: `id`, `event` (the `type` of the item) and `data` (the item as JSON). A frame with `event: keepalive` and `data: null` comes when nothing else does. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["ListFrame"];
                };
            };
            /** @description Nothing is left to send; do not connect again. */
            204: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_event_id`: The event id is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_streams`: Too many open streams
             *     `rate_limited`: Too many requests
             */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    executionPlansGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names the plan of a run. */
                executionPlanId: components["schemas"]["ExecutionPlanId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The plan. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadExecutionPlan"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pendingList: {
        parameters: {
            query?: {
                /** @description Only entries of these kinds. */
                kind?: ("plan" | "call" | "consent" | "effect" | "question" | "input")[];
                userId?: components["schemas"]["UserId"];
                customerIntegrationId?: components["schemas"]["CustomerIntegrationId"];
                runId?: components["schemas"]["RunId"];
                pageSize?: number;
                /** @description nextCursor of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What waits, newest first. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PendingList"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_cursor`: The cursor is not one of ours
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pendingWatch: {
        parameters: {
            query?: {
                /** @description Only entries of these kinds. */
                kind?: ("plan" | "call" | "consent" | "effect" | "question" | "input")[];
                userId?: components["schemas"]["UserId"];
                customerIntegrationId?: components["schemas"]["CustomerIntegrationId"];
                runId?: components["schemas"]["RunId"];
                /** @description Has no effect: each stream begins with a snapshot. */
                lastEventId?: string;
            };
            header?: {
                /** @description Has no effect: each stream begins with a snapshot. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events: `id`, `event` (the `type` of the item) and `data` (the item as JSON). A frame with `event: keepalive` and `data: null` comes when nothing else does. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["PendingFrame"];
                };
            };
            /** @description Nothing is left to send; do not connect again. */
            204: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_streams`: Too many open streams
             *     `rate_limited`: Too many requests
             */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pendingDecide: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecidePending"];
            };
        };
        responses: {
            /** @description What came of each decision. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description One for each decision, in their order. */
                        results: components["schemas"]["DecisionResult"][];
                    };
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approvalsGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names one decision request. */
                approvalId: components["schemas"]["ApprovalId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is asked, and where it stands. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApprovalEntry"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `approval_not_found`: No such approval */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approvalsDecide: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names one decision request. */
                approvalId: components["schemas"]["ApprovalId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    decision: components["schemas"]["ApprovalDecision"];
                    /**
                     * @description Why, for the record and for the planner.
                     * @example Too expensive
                     */
                    reason?: string;
                    /**
                     * @description With approve, for a call: make it with these arguments instead. They must fit the tool's input schema; what was changed is recorded.
                     * @example {
                     *       "body": {
                     *         "amount": 100
                     *       }
                     *     }
                     */
                    args?: {
                        [key: string]: components["schemas"]["Json"];
                    };
                    always?: components["schemas"]["AlwaysAllow"];
                };
            };
        };
        responses: {
            /** @description The decision. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `schema_not_supported`: The JSON Schema uses something that is not supported
             *     `schema_pattern_unsupported`: A pattern of the JSON Schema is not supported
             *     `schema_too_complex`: The JSON Schema is too complex
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `self_approval`: Who asked may not approve
             *     `insufficient_scope`: The API key lacks a scope
             */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `approval_not_found`: No such approval */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `approval_already_decided`: The approval is decided */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `approval_gone`: The approval no longer stands */
            410: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approvalRulesList: {
        parameters: {
            query?: {
                /** @description Only rules that let calls pass, or only those that do not. */
                active?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rules. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApprovalRule"][];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approvalRulesCreate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateApprovalRule"];
            };
        };
        responses: {
            /** @description The rule. It applies within a second. */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApprovalRule"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `schema_not_supported`: The JSON Schema uses something that is not supported
             *     `schema_pattern_unsupported`: A pattern of the JSON Schema is not supported
             *     `schema_too_complex`: The JSON Schema is too complex
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approvalRulesRevoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an approval rule. */
                approvalRuleId: components["schemas"]["ApprovalRuleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rule is revoked; there is no body. */
            204: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    effectsResolve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a call of which it is not known whether it took effect. */
                effectId: components["schemas"]["EffectId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    decision: components["schemas"]["EffectDecision"];
                    /**
                     * @description With decision `happened`: the answer that was lost, in the shape of the output schema of the tool. If it is absent, steps that read the output of the call fail.
                     * @example {
                     *       "id": "act_42"
                     *     }
                     */
                    output?: components["schemas"]["Json"];
                    /**
                     * @description Why, for the record.
                     * @example The activity is in the CRM.
                     */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description What was decided about the effect. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResolvedEffect"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `self_approval`: Who asked may not approve
             *     `insufficient_scope`: The API key lacks a scope
             */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `effect_already_resolved`: The effect is resolved */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `approval_gone`: The approval no longer stands */
            410: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    questionsAnswer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a question to a person, or what a service asks one in the middle of a call. */
                requestId: components["schemas"]["QuestionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description The value of the chosen answer; an object that fits `requestedSchema` where there is one; else words of the person; null for no answer: what needs it is then not done.
                     * @example con_000017
                     */
                    answer: string | number | boolean | null | {
                        [key: string]: string | number | boolean;
                    };
                };
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnsweredQuestion"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `question_not_found`: No such question */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `question_already_answered`: The question is answered */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `question_gone`: The question is no longer asked */
            410: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    inputsAnswer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a question to a person, or what a service asks one in the middle of a call. */
                requestId: components["schemas"]["QuestionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description accept: here is the answer, or the page was opened. decline: the user does not want to answer. cancel: the user has put it aside. The service is told.
                     * @example accept
                     * @enum {string}
                     */
                    action: "accept" | "decline" | "cancel";
                    /**
                     * @description What was entered, by the names of the form; with accept alone, and not for a page to open.
                     * @example {
                     *       "seats": 2
                     *     }
                     */
                    content?: {
                        [key: string]: string | number | boolean | string[];
                    };
                };
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnsweredInput"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `input_not_found`: No such request of a service */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `input_already_answered`: The service has its answer */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `input_gone`: The service no longer asks */
            410: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    actionsList: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The list begins after this key: that of the last action of the answer before. An answer of fewer than `limit` is the last. */
                after?: components["schemas"]["ActionKey"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The actions, by key. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Action"][];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    actionsKeep: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeepAction"];
            };
        };
        responses: {
            /** @description The action, with what became an input. */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionDetails"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `schema_not_supported`: The JSON Schema uses something that is not supported
             *     `schema_pattern_unsupported`: A pattern of the JSON Schema is not supported
             *     `schema_too_complex`: The JSON Schema is too complex
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `action_exists`: Another action has this key
             *     `plan_not_repeatable`: The plan cannot be executed again
             *     `tools_changed`: Tools of the plan have changed
             */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    actionsGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an action of the workspace; case counts. Chosen when it was kept. */
                key: components["schemas"]["ActionKey"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The action. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionDetails"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    actionsChange: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an action of the workspace; case counts. Chosen when it was kept. */
                key: components["schemas"]["ActionKey"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description Another one, as in POST. null: the one that is made from the plan. */
                    inputSchema?: components["schemas"]["JsonSchema"] | null;
                    /** @description Another one. null: none. */
                    outputSchema?: components["schemas"]["JsonSchema"] | null;
                };
            };
        };
        responses: {
            /** @description The action as it is now. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionDetails"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `schema_not_supported`: The JSON Schema uses something that is not supported
             *     `schema_pattern_unsupported`: A pattern of the JSON Schema is not supported
             *     `schema_too_complex`: The JSON Schema is too complex
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    actionsDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an action of the workspace; case counts. Chosen when it was kept. */
                key: components["schemas"]["ActionKey"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The action is deleted; there is no body. */
            204: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    actionsRun: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["schemas"]["IdempotencyKey"];
                /** @description From the header Prefer. wait=N (at most 60): how many seconds to wait for the end; 30 without it. */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    key: components["schemas"]["ActionKey"];
                    userId: components["schemas"]["UserId"];
                    /**
                     * @description What the action takes, by its inputSchema; needed when it has one. At most 64 KiB.
                     * @example {
                     *       "accountName": "Contoso"
                     *     }
                     */
                    input?: {
                        [key: string]: components["schemas"]["Json"];
                    };
                    /** @description As in a run. An action keeps none. */
                    passThrough?: components["schemas"]["PassThrough"][];
                    /** @description Another integration of the same service, in place of the one of that service that the plan calls; its tools must be the same. */
                    customerIntegrationId?: components["schemas"]["CustomerIntegrationId"];
                    /**
                     * @description When the tools have changed: have the action planned again, and keep the new plan if the run succeeds and takes the same inputs.
                     * @default false
                     * @example true
                     */
                    replan?: boolean;
                };
            };
        };
        responses: {
            /** @description The run has succeeded. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    /** @description `true` when this is about the run of an earlier request with the same Idempotency-Key. */
                    "idempotent-replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResult"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `connection_inactive`: The integration is inactive
             *     `invalid_idempotency_key`: The Idempotency-Key is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `action_paused`: The action is paused
             *     `action_stale`: What the action calls has changed
             *     `action_waits`: A human must act first
             *     `action_unfinished`: The run goes on
             *     `request_in_progress`: The first request with this key is still in flight
             */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `action_failed`: The run did not succeed
             *     `idempotency_key_reused`: Idempotency-Key used with another body
             */
            422: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_waits`: Too many requests that wait
             *     `rate_limited`: Too many requests
             */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    integrationsList: {
        parameters: {
            query?: {
                active?: boolean | "all";
                limit?: number;
                /** @description The id of the last integration of the previous answer. */
                after?: components["schemas"]["CustomerIntegrationId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The integrations. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Integration"][];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_cursor`: The cursor is not one of ours
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    integrationsCreate: {
        parameters: {
            query?: never;
            header?: {
                /** @description Not served yet. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Its name, for people and planners.
                     * @example CRM
                     */
                    name: string;
                    /**
                     * @description openapi: an HTTP service with an OpenAPI document. mcp: an MCP server, by its address; it takes auth NONE, API_TOKEN or OAUTH2.
                     * @default openapi
                     * @example openapi
                     * @enum {string}
                     */
                    kind?: "openapi" | "mcp";
                    /**
                     * @description Its id, unique in the workspace. Default: made from the name.
                     * @example integration-1
                     */
                    customerIntegrationId?: components["schemas"]["CustomerIntegrationId"];
                    /** @description The OpenAPI document itself, of at most 5 MiB: an object, or its JSON or YAML text. Give this or url. */
                    document?: string | {
                        [key: string]: unknown;
                    };
                    /**
                     * @description Where the OpenAPI document is, unless document has it; the address of an MCP server.
                     * @example https://crm.example.com/openapi.json
                     */
                    url?: string;
                    /** @description How to authenticate. Default: NONE, or OAUTH2 for an MCP server that answers 401 and names its authorization server. */
                    auth?: components["schemas"]["Auth"];
                    /**
                     * @description Of an MCP server: whether a tool is a read because the server says so (readOnlyHint). Otherwise each of its tools counts as a write.
                     * @default false
                     * @example true
                     */
                    trustHints?: boolean;
                    /**
                     * @description Which of its tools are enabled at first: all; reads, those whose effect is read; none; or a list of operations, which are the names after the dot of a tool. Runs neither see nor call the others. Later: PUT /v1/integrations/{customerIntegrationId}/tools.
                     * @default reads
                     * @example all
                     * @example [
                     *       "listDeals",
                     *       "createDeal"
                     *     ]
                     */
                    enable?: ("all" | "reads" | "none") | string[];
                    /**
                     * @description Guidance for the planner, for every plan that may use the integration.
                     * @example Amounts are in EUR.
                     */
                    instructions?: string;
                    /**
                     * @description The approvals that runs need at least before they call it, whatever their approvalStrategy. Applies to runs under way from their next call.
                     * @default NONE
                     * @example ON_WRITE
                     */
                    approvalFloor?: components["schemas"]["ApprovalStrategy"];
                };
            };
        };
        responses: {
            /** @description The integration, ready for use. */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Integration"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `openapi_invalid`: The OpenAPI document cannot be used
             *     `openapi_too_large`: The OpenAPI document is too large
             *     `mcp_failed`: The MCP server cannot be used
             *     `url_not_allowed`: The URL may not be called
             *     `oauth_failed`: The authorization failed
             *     `oauth_issuer_mismatch`: Another authorization server answered
             *     `not_supported`: Not served yet
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `integration_exists`: Another integration has this id */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_imports`: Too many imports at once
             *     `rate_limited`: Too many requests
             */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    integrationsGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an integration of the workspace: letters, digits, _ and -; case counts. Chosen when the integration was registered, else a readable slug and 8 hexadecimal digits. */
                customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The integration. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Integration"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    integrationsDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an integration of the workspace: letters, digits, _ and -; case counts. Chosen when the integration was registered, else a readable slug and 8 hexadecimal digits. */
                customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The integration is deleted; there is no body. */
            204: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    integrationsPatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an integration of the workspace: letters, digits, _ and -; case counts. Chosen when the integration was registered, else a readable slug and 8 hexadecimal digits. */
                customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Whether runs may use it.
                     * @example false
                     */
                    active?: boolean;
                    /**
                     * @description Its name, for people and planners.
                     * @example CRM
                     */
                    name?: string;
                    /** @description Null removes them. */
                    instructions?: string | null;
                    auth?: components["schemas"]["Auth"];
                    /**
                     * @description The approvals that runs need at least. To lower it needs the scope admin.
                     * @example ON_WRITE
                     */
                    approvalFloor?: components["schemas"]["ApprovalStrategy"];
                    /**
                     * @description The integration's pendingBaseUrl, to confirm it: tools are called there from then on. Credentials for another origin are not sent there: the owner and the users must give them again.
                     * @example https://api.crm.example.com/v2
                     */
                    confirmBaseUrl?: string;
                    /**
                     * @description The integration's pendingIssuer, to confirm it: users are sent there to sign in from then on, and the access that they grant there goes to the MCP server. Those who have consented are asked again.
                     * @example https://auth.example.com
                     */
                    confirmIssuer?: string;
                };
            };
        };
        responses: {
            /** @description The integration as it is now. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Integration"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `url_not_allowed`: The URL may not be called
             *     `oauth_failed`: The authorization failed
             *     `oauth_issuer_mismatch`: Another authorization server answered
             *     `mcp_failed`: The MCP server cannot be used
             *     `not_supported`: Not served yet
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    integrationsTools: {
        parameters: {
            query?: {
                /** @description The tools after this one. */
                after?: components["schemas"]["ToolName"];
            };
            header?: never;
            path: {
                /** @description Names an integration of the workspace: letters, digits, _ and -; case counts. Chosen when the integration was registered, else a readable slug and 8 hexadecimal digits. */
                customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tools. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolList"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_cursor`: The cursor is not one of ours
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    integrationsSetTools: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an integration of the workspace: letters, digits, _ and -; case counts. Chosen when the integration was registered, else a readable slug and 8 hexadecimal digits. */
                customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description The tools that runs may see and call, by their names; or all; or reads, those whose effect is read; or none. The others are disabled. Absent, with effects: the same tools as before. A tool that is disabled and has the proposedEffect write is none of the reads.
                     * @example [
                     *       "crm_1a2b3c4d.listDeals"
                     *     ]
                     * @example all
                     */
                    enabled?: ("all" | "reads" | "none") | string[];
                    /**
                     * @description What single tools do, by their names, where you know better than their service: it holds until the tool changes, and answers its proposedEffect. `enabled: reads` goes by it.
                     * @example {
                     *       "notes_1a2b3c4d.search": "read"
                     *     }
                     */
                    effects?: {
                        [key: string]: components["schemas"]["Effect"];
                    };
                };
            };
        };
        responses: {
            /** @description The tools as they are now. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolList"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    integrationsGetUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an integration of the workspace: letters, digits, _ and -; case counts. Chosen when the integration was registered, else a readable slug and 8 hexadecimal digits. */
                customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
                /** @description The end user on whose behalf the run acts and whose credentials it uses. Any string of yours. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user at this integration. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegrationUser"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    integrationsPutCredentials: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an integration of the workspace: letters, digits, _ and -; case counts. Chosen when the integration was registered, else a readable slug and 8 hexadecimal digits. */
                customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
                /** @description The end user on whose behalf the run acts and whose credentials it uses. Any string of yours. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description The user's own token. Stored sealed; never shown again.
                     * @example crm_…
                     */
                    apiToken: string;
                };
            };
        };
        responses: {
            /** @description The user at this integration. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegrationUser"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    integrationsDeleteCredentials: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an integration of the workspace: letters, digits, _ and -; case counts. Chosen when the integration was registered, else a readable slug and 8 hexadecimal digits. */
                customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
                /** @description The end user on whose behalf the run acts and whose credentials it uses. Any string of yours. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The credential is erased; there is no body. */
            204: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    integrationsAuthUrl: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an integration of the workspace: letters, digits, _ and -; case counts. Chosen when the integration was registered, else a readable slug and 8 hexadecimal digits. */
                customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
                /** @description The end user on whose behalf the run acts and whose credentials it uses. Any string of yours. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * Format: uri
                     * @description Where the user is redirected afterwards, with ?status=success or ?status=error. Its origin must be one of ERRAND_REDIRECT_ORIGINS, or that of this service. Without it the user sees a plain page.
                     * @example https://app.example.com/connected
                     */
                    redirectUri?: string;
                };
            };
        };
        responses: {
            /** @description The page for the user to open. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuthUrl"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    integrationsRefresh: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an integration of the workspace: letters, digits, _ and -; case counts. Chosen when the integration was registered, else a readable slug and 8 hexadecimal digits. */
                customerIntegrationId: components["schemas"]["CustomerIntegrationId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description The newer OpenAPI document: an object, or its JSON or YAML text. Without it the document is read again from its URL. */
                    document?: string | {
                        [key: string]: unknown;
                    };
                };
            };
        };
        responses: {
            /** @description The integration, with its changed tools and what must be confirmed. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Integration"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `openapi_invalid`: The OpenAPI document cannot be used
             *     `openapi_too_large`: The OpenAPI document is too large
             *     `mcp_failed`: The MCP server cannot be used
             *     `url_not_allowed`: The URL may not be called
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_imports`: Too many imports at once
             *     `rate_limited`: Too many requests
             */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    toolsSearch: {
        parameters: {
            query: {
                /** @description What the tools are for, in words of the intent or of the service. */
                q: string;
                /** @description The integrations to search; all that are active when absent. */
                customerIntegrationIds?: components["schemas"]["CustomerIntegrationId"][];
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tools, best first. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundTool"][];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `connection_not_found`: No such integration
             *     `connection_inactive`: The integration is inactive
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    feedbackGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a run. Version 7: ids sort by creation time. */
                runId: components["schemas"]["RunId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The feedback, or null. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Feedback"] | null;
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    feedbackPut: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a run. Version 7: ids sort by creation time. */
                runId: components["schemas"]["RunId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Required when the run has no feedback yet.
                     * @example positive
                     * @enum {string}
                     */
                    rating?: "positive" | "negative";
                    /**
                     * @description In words.
                     * @example Exactly what I asked for.
                     */
                    comment?: string;
                    source?: components["schemas"]["FeedbackSource"];
                    metadata?: components["schemas"]["FeedbackMetadata"];
                };
            };
        };
        responses: {
            /** @description The feedback as it is now. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Feedback"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    schedulesList: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedules. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"][];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    schedulesCreate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateSchedule"];
            };
        };
        responses: {
            /** @description The schedule, with its next times. */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `cron_invalid`: The cron expression cannot be used
             *     `schema_not_supported`: The JSON Schema uses something that is not supported
             *     `schema_pattern_unsupported`: A pattern of the JSON Schema is not supported
             *     `schema_too_complex`: The JSON Schema is too complex
             *     `plan_invalid`: The plan does not pass the checker
             *     `connection_not_found`: No such integration
             *     `connection_inactive`: The integration is inactive
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `schedule_limit_reached`: The workspace has as many schedules as it may */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    schedulesGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a schedule. */
                scheduleId: components["schemas"]["ScheduleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    schedulesDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a schedule. */
                scheduleId: components["schemas"]["ScheduleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone; there is no body. */
            204: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    schedulesPatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a schedule. */
                scheduleId: components["schemas"]["ScheduleId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description What it is for.
                     * @example Sales of the week
                     */
                    name?: string;
                    /**
                     * @description When: minute, hour, day of the month, month, day of the week, as cron has them (`*`, `5`, `1-5`, `*\/15`, `MON`, `L` for the last day, `5#2` for the second Friday). When both days are given, either is enough.
                     * @example 0 9 * * 1
                     */
                    cron?: string;
                    /**
                     * @description The IANA time zone of cron. A time that the clocks skip comes when the skipped hour is over; one that comes twice counts once.
                     * @example Europe/Berlin
                     */
                    timeZone?: string;
                    /** @description Another errand, as a whole. Who says what it runs, or when, is its maker from then on. */
                    run?: components["schemas"]["ScheduledRun"];
                    /**
                     * @description What happens when the run before has not ended. skip: this time is left out. queue: it waits until then; one waits at most, and the times in between are told as missed.
                     * @example skip
                     * @enum {string}
                     */
                    overlap?: "skip" | "queue";
                    /**
                     * @description false pauses it; times that pass until it is true again are not made up for.
                     * @example true
                     */
                    active?: boolean;
                };
            };
        };
        responses: {
            /** @description The schedule as it is now. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `cron_invalid`: The cron expression cannot be used
             *     `schema_not_supported`: The JSON Schema uses something that is not supported
             *     `schema_pattern_unsupported`: A pattern of the JSON Schema is not supported
             *     `schema_too_complex`: The JSON Schema is too complex
             *     `plan_invalid`: The plan does not pass the checker
             *     `connection_not_found`: No such integration
             *     `connection_inactive`: The integration is inactive
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    schedulesRun: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: components["schemas"]["IdempotencyKey"];
                /** @description From the header Prefer. wait=N (at most 60): answer when the run has ended or N seconds have passed. */
                Prefer?: string;
            };
            path: {
                /** @description Names a schedule. */
                scheduleId: components["schemas"]["ScheduleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run as it was accepted, with scheduleId. With `Prefer: wait` the run as it stands after the wait. */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    /** @description `true` when this is the answer to an earlier request with the same Idempotency-Key. */
                    "idempotent-replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedRun"] | components["schemas"]["RunHandle"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_idempotency_key`: The Idempotency-Key is not valid
             *     `schema_not_supported`: The JSON Schema uses something that is not supported
             *     `schema_pattern_unsupported`: A pattern of the JSON Schema is not supported
             *     `schema_too_complex`: The JSON Schema is too complex
             *     `plan_invalid`: The plan does not pass the checker
             *     `connection_not_found`: No such integration
             *     `connection_inactive`: The integration is inactive
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_in_progress`: The first request with this key is still in flight */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `idempotency_key_reused`: Idempotency-Key used with another body */
            422: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_waits`: Too many requests that wait
             *     `rate_limited`: Too many requests
             */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    webhooksList: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhooks, without their secrets. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"][];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    webhooksCreate: {
        parameters: {
            query?: never;
            header?: {
                /** @description Not supported here: to repeat the answer, the service would have to store the secret. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Where events are posted: https on port 443, at a public address.
                     * @example https://app.example.com/hooks/errand
                     */
                    url: string;
                    /**
                     * @description What is told: names of events, or ["*"] for all, also those that are added later.
                     * @example [
                     *       "run.end",
                     *       "run.waiting"
                     *     ]
                     */
                    events: "*"[] | components["schemas"]["WebhookEvent"][];
                    /**
                     * @description What it is for.
                     * @example Inbox of the app
                     */
                    description?: string;
                    /**
                     * @description Whether events are told.
                     * @default true
                     * @example true
                     */
                    active?: boolean;
                };
            };
        };
        responses: {
            /** @description The webhook. Its secret is shown this once. */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedWebhook"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `url_not_allowed`: The URL may not be called
             *     `not_supported`: Not served yet
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `webhook_limit_reached`: The workspace has as many webhooks as it may */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    webhooksGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a webhook. */
                webhookId: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook, without its secret. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    webhooksDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a webhook. */
                webhookId: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone, with its deliveries; there is no body. */
            204: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    webhooksPatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a webhook. */
                webhookId: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Where events are posted: https on port 443, at a public address.
                     * @example https://app.example.com/hooks/errand
                     */
                    url?: string;
                    /**
                     * @description What is told: names of events, or ["*"] for all, also those that are added later.
                     * @example [
                     *       "run.end",
                     *       "run.waiting"
                     *     ]
                     */
                    events?: "*"[] | components["schemas"]["WebhookEvent"][];
                    /** @description What it is for; null removes it. */
                    description?: string | null;
                    /**
                     * @description false: nothing is told, and what happens until it is true again never is.
                     * @example true
                     */
                    active?: boolean;
                };
            };
        };
        responses: {
            /** @description The webhook as it is now. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `url_not_allowed`: The URL may not be called
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    webhooksRotate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a webhook. */
                webhookId: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook. Its new secret is shown this once. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedWebhook"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    webhooksTest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a webhook. */
                webhookId: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The delivery, which is pending. */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `webhook_inactive`: The webhook is switched off */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    webhooksDeliveries: {
        parameters: {
            query?: {
                /** @description Only these. */
                state?: "pending" | "delivered" | "failed";
                pageSize?: number;
                /** @description nextCursor of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Names a webhook. */
                webhookId: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of deliveries. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryPage"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_cursor`: The cursor is not one of ours
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    webhooksRedeliver: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names a webhook. */
                webhookId: components["schemas"]["WebhookId"];
                /** @description Names a delivery: one event on its way to one webhook. */
                deliveryId: components["schemas"]["DeliveryId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The delivery, which is pending again. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `webhook_inactive`: The webhook is switched off */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apiKeysList: {
        parameters: {
            query?: {
                /** @description true: only keys that are valid. false: only keys that are revoked or expired. */
                active?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The API keys, without the keys themselves. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"][];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apiKeysCreate: {
        parameters: {
            query?: never;
            header?: {
                /** @description Not supported here: to repeat the answer, the service would have to store the key. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description What it is for.
                     * @example billing service
                     */
                    name: string;
                    /**
                     * @description What it may do. Each scope must be one of the key that makes the request.
                     * @example [
                     *       "runs:read"
                     *     ]
                     */
                    scopes: components["schemas"]["Scope"][];
                    /**
                     * Format: date-time
                     * @description When it expires. Without it the key is valid until it is revoked.
                     * @example 2027-01-31T09:30:00.000Z
                     */
                    expiresAt?: string;
                };
            };
        };
        responses: {
            /** @description The API key. It is shown this once. */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedApiKey"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `not_supported`: Not served yet
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apiKeysRevoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Names an API key. It is not the key. */
                apiKeyId: components["schemas"]["ApiKeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The API key is revoked; there is no body. */
            204: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apiKeysRotate: {
        parameters: {
            query?: never;
            header?: {
                /** @description Not supported here: to repeat the answer, the service would have to store the key. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Names an API key. It is not the key. */
                apiKeyId: components["schemas"]["ApiKeyId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Seconds for which the old key stays valid. Default: a day.
                     * @default 86400
                     * @example 3600
                     */
                    overlapSeconds?: number;
                };
            };
        };
        responses: {
            /** @description The new API key. It is shown this once. */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedApiKey"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `not_supported`: Not served yet
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `invalid_json`: The body is not acceptable JSON
             *     `json_too_deep`: JSON nested too deeply
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `api_key_ended`: The API key has ended */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    usersList: {
        parameters: {
            query?: {
                pageSize?: number;
                /** @description nextCursor of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of users. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserList"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_cursor`: The cursor is not one of ours
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    usersGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The end user on whose behalf the run acts and whose credentials it uses. Any string of yours. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    usersErase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The end user on whose behalf the run acts and whose credentials it uses. Any string of yours. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was erased. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasedUser"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    usageGet: {
        parameters: {
            query?: {
                /** @description The first day (UTC), 29 days before `to` by default. A run counts on the day on which it ended. */
                from?: string;
                /** @description The last day, included; today by default. At most 366 days in all, with integration, tool and user at most 92. */
                to?: string;
                by?: components["schemas"]["UsageBy"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One row for each key. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageReport"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auditList: {
        parameters: {
            query?: {
                /** @description What this principal did: the principalId of a key. */
                actorId?: string;
                action?: components["schemas"]["AuditAction"];
                /** @description Not before. */
                from?: string;
                /** @description Before. */
                to?: string;
                pageSize?: number;
                /** @description nextCursor of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of entries. */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_cursor`: The cursor is not one of ours
             *     `invalid_string`: A string holds NUL or a lone surrogate
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `insufficient_scope`: The API key lacks a scope */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    "ratelimit-policy": components["headers"]["RatelimitPolicy"];
                    ratelimit: components["headers"]["Ratelimit"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approvalsShow: {
        parameters: {
            query: {
                /** @description The token of the link. No other parameter is accepted. */
                token: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request and its state; the decision, if there is one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                    "application/json": components["schemas"]["ApprovalView"] | components["schemas"]["Approval"];
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `key_in_query`: API key in the query string
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: No valid API key */
            401: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "www-authenticate": components["headers"]["WwwAuthenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `insufficient_scope`: The API key lacks a scope
             *     `self_approval`: Who asked may not approve
             */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `approval_not_found`: No such approval */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `approval_already_decided`: The approval is decided */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `approval_gone`: The approval no longer stands */
            410: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approvalsDecideByLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideByLink"];
                "application/x-www-form-urlencoded": components["schemas"]["DecideByForm"];
            };
        };
        responses: {
            /** @description The decision. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                    "text/html": string;
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_json`: The body is not acceptable JSON
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `csrf_failed`: The form was not made for this browser
             *     `self_approval`: Who asked may not approve
             */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `approval_not_found`: No such approval */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `approval_already_decided`: The approval is decided
             *     `approval_args_changed`: The arguments have changed
             */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `approval_gone`: The approval no longer stands */
            410: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    questionsShow: {
        parameters: {
            query: {
                /** @description The token of the link. No other parameter is accepted. */
                token: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The question and its state; the answer, if there is one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                    "application/json": components["schemas"]["QuestionView"];
                };
            };
            /** @description `validation_failed`: A field is not valid */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `question_not_found`: No such question */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `question_gone`: The question is no longer asked */
            410: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    questionsAnswerByLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnswerByLink"];
                "application/x-www-form-urlencoded": components["schemas"]["AnswerByForm"];
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnsweredQuestion"];
                    "text/html": string;
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_json`: The body is not acceptable JSON
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `csrf_failed`: The form was not made for this browser */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `question_not_found`: No such question */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `question_already_answered`: The question is answered */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `question_gone`: The question is no longer asked */
            410: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    inputsShow: {
        parameters: {
            query: {
                /** @description The token of the link. No other parameter is accepted. */
                token: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is asked, and where it stands. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                    "application/json": components["schemas"]["InputView"];
                };
            };
            /** @description `validation_failed`: A field is not valid */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `input_not_found`: No such request of a service */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `input_gone`: The service no longer asks */
            410: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    inputsAnswerByLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnswerInputByLink"];
                "application/x-www-form-urlencoded": components["schemas"]["AnswerInputByForm"];
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnsweredInput"];
                    "text/html": string;
                };
            };
            /**
             * @description `validation_failed`: A field is not valid
             *     `invalid_json`: The body is not acceptable JSON
             */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `csrf_failed`: The form was not made for this browser */
            403: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `input_not_found`: No such request of a service */
            404: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `input_already_answered`: The service has its answer */
            409: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `input_gone`: The service no longer asks */
            410: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large */
            413: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The content type is not served */
            415: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: Something broke on our side */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: Not available for the moment */
            503: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    "retry-after": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    webhookRunEnd: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Names the message: the same in every attempt. Ignore one that you have seen.
                 * @example msg_0192f0c17a707d338e216b2f4c9a1e04
                 */
                "webhook-id": string;
                /**
                 * @description When it was posted, in seconds since 1970. Refuse one that is old.
                 * @example 1769851800
                 */
                "webhook-timestamp": string;
                /**
                 * @description One signature for each valid secret, separated by spaces, as Standard Webhooks has it.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunEndWebhook"];
            };
        };
        responses: {
            /** @description Nothing is to be posted there any more: the webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was taken; the body is ignored. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was not taken; it is posted again later. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    webhookRunWaiting: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Names the message: the same in every attempt. Ignore one that you have seen.
                 * @example msg_0192f0c17a707d338e216b2f4c9a1e04
                 */
                "webhook-id": string;
                /**
                 * @description When it was posted, in seconds since 1970. Refuse one that is old.
                 * @example 1769851800
                 */
                "webhook-timestamp": string;
                /**
                 * @description One signature for each valid secret, separated by spaces, as Standard Webhooks has it.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunWaitingWebhook"];
            };
        };
        responses: {
            /** @description Nothing is to be posted there any more: the webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was taken; the body is ignored. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was not taken; it is posted again later. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    webhookConnectionNeedsReconnect: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Names the message: the same in every attempt. Ignore one that you have seen.
                 * @example msg_0192f0c17a707d338e216b2f4c9a1e04
                 */
                "webhook-id": string;
                /**
                 * @description When it was posted, in seconds since 1970. Refuse one that is old.
                 * @example 1769851800
                 */
                "webhook-timestamp": string;
                /**
                 * @description One signature for each valid secret, separated by spaces, as Standard Webhooks has it.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NeedsReconnectWebhook"];
            };
        };
        responses: {
            /** @description Nothing is to be posted there any more: the webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was taken; the body is ignored. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was not taken; it is posted again later. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    webhookScheduleRefused: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Names the message: the same in every attempt. Ignore one that you have seen.
                 * @example msg_0192f0c17a707d338e216b2f4c9a1e04
                 */
                "webhook-id": string;
                /**
                 * @description When it was posted, in seconds since 1970. Refuse one that is old.
                 * @example 1769851800
                 */
                "webhook-timestamp": string;
                /**
                 * @description One signature for each valid secret, separated by spaces, as Standard Webhooks has it.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleRefusedWebhook"];
            };
        };
        responses: {
            /** @description Nothing is to be posted there any more: the webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was taken; the body is ignored. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was not taken; it is posted again later. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    webhookSchedulePaused: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Names the message: the same in every attempt. Ignore one that you have seen.
                 * @example msg_0192f0c17a707d338e216b2f4c9a1e04
                 */
                "webhook-id": string;
                /**
                 * @description When it was posted, in seconds since 1970. Refuse one that is old.
                 * @example 1769851800
                 */
                "webhook-timestamp": string;
                /**
                 * @description One signature for each valid secret, separated by spaces, as Standard Webhooks has it.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SchedulePausedWebhook"];
            };
        };
        responses: {
            /** @description Nothing is to be posted there any more: the webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was taken; the body is ignored. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was not taken; it is posted again later. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    webhookWebhookDisabled: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Names the message: the same in every attempt. Ignore one that you have seen.
                 * @example msg_0192f0c17a707d338e216b2f4c9a1e04
                 */
                "webhook-id": string;
                /**
                 * @description When it was posted, in seconds since 1970. Refuse one that is old.
                 * @example 1769851800
                 */
                "webhook-timestamp": string;
                /**
                 * @description One signature for each valid secret, separated by spaces, as Standard Webhooks has it.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookDisabledWebhook"];
            };
        };
        responses: {
            /** @description Nothing is to be posted there any more: the webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was taken; the body is ignored. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was not taken; it is posted again later. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    webhookWebhookTest: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Names the message: the same in every attempt. Ignore one that you have seen.
                 * @example msg_0192f0c17a707d338e216b2f4c9a1e04
                 */
                "webhook-id": string;
                /**
                 * @description When it was posted, in seconds since 1970. Refuse one that is old.
                 * @example 1769851800
                 */
                "webhook-timestamp": string;
                /**
                 * @description One signature for each valid secret, separated by spaces, as Standard Webhooks has it.
                 * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookTestWebhook"];
            };
        };
        responses: {
            /** @description Nothing is to be posted there any more: the webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was taken; the body is ignored. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was not taken; it is posted again later. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
