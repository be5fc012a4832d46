import { z } from 'zod';
import { withoutIds } from '../config/without-ids';
import type { GitHubSystem } from './github-reader';
import type { Finding } from './step';
import { CLIENT_ID } from './variables';

/** Only an owner of the organisation sees what an App may do. */
export async function* appFindings({ platform, github }: GitHubSystem): AsyncGenerator<Finding> {
  const id = (await github.variables(platform.github)).get(CLIENT_ID);
  if (!id) {
    yield { flaw: `there is no variable ${CLIENT_ID}, which would say which App it is` };
    return;
  }
  const [owner = ''] = withoutIds(platform.github).split('/');
  const installations = await github.listAbout(
    `/orgs/${owner}/installations`,
    'installations',
    z.object({
      client_id: z.string().optional(),
      html_url: z.string().optional(),
      repository_selection: z.string(),
      permissions: z.record(z.string(), z.string()),
      suspended_at: z.string().nullish(),
    }),
    `which Apps ${owner} has installed, which it tells an owner alone`,
  );
  const app = installations.find(({ client_id: one }) => one === id);
  if (!app) {
    yield { flaw: `no App with the client id ${id} is installed` };
    return;
  }
  const settings = app.html_url ?? `https://github.com/organizations/${owner}/settings/installations`;
  if (app.suspended_at) {
    yield { flaw: `the App is suspended since ${app.suspended_at}, and gets no token: "Unsuspend" at ${settings}` };
  }
  const { metadata: _, ...permissions } = app.permissions;
  if (permissions.contents !== 'write') yield { flaw: 'the App may not dispatch: it needs "Contents: read and write"' };
  const more = Object.keys(permissions).filter((one) => one !== 'contents');
  if (more.length > 0) yield { flaw: `the App may do more than to dispatch: ${more.join(', ')}` };
  if (app.repository_selection !== 'selected') {
    yield { flaw: 'the App is installed on every repository; it needs this one alone' };
  }
}
