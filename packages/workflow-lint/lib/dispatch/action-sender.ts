import type { Step } from '../workflow/workflow';
import { jsonKeys } from './json-keys';
import type { Sender } from './sender';

/** peter-evans/repository-dispatch, and others of that name. */
export function actionSenders({ uses, with: inputs }: Step): readonly Sender[] {
  // octokit/request-action takes a route, and what the route takes.
  const isRequest = /^\s*POST\s.*\/dispatches\s*$/i.test(inputs?.get('route')?.text ?? '');
  if (isRequest && /\/actions\/workflows\//.test(inputs?.get('route')?.text ?? '')) return [];
  if (!uses?.text || !(isRequest || /repository-dispatch|dispatch-action/.test(uses.text))) return [];
  const type = inputs?.get('event-type') ?? inputs?.get('event_type') ?? inputs?.get('type');
  const payload = inputs?.get('client-payload') ?? inputs?.get('client_payload');
  return [
    {
      place: (type ?? uses).place,
      type: type?.text,
      target: inputs?.get('repository')?.text ?? inputs?.get('repo')?.text ?? (isRequest ? '' : undefined),
      payloadKeys: isRequest ? undefined : payload ? jsonKeys(payload.text ?? '') : 0,
    },
  ];
}
