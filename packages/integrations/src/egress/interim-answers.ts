import type { Dispatcher } from 'undici';
import { EgressError } from './error.ts';

/** Interim answers (1xx) before an answer. Each restarts the wait for its headers, and none counts as a byte of it. */
const MAX_INTERIM = 20;

/** Ends a request whose server sends interim answers without end. */
export const boundInterimAnswers: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  let count = 0;
  return dispatch(options, {
    onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
    onRequestUpgrade: (controller, status, headers, socket) =>
      handler.onRequestUpgrade?.(controller, status, headers, socket),
    onResponseStart(controller, status, headers, message) {
      if (status < 200 && ++count > MAX_INTERIM) {
        const cause = new Error(`more than ${MAX_INTERIM} interim answers`);
        controller.abort(new EgressError('upstream_unreachable', { sent: true, cause }));
      } else handler.onResponseStart?.(controller, status, headers, message);
    },
    onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
    onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
    onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
  });
};
