import { readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Platform } from '../../lib/config/platform';
import type { Fleet } from '../../lib/fleet/fleet';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { fleetPage } from '../../lib/page/fleet-page';
import { deployed, edited, fleetOf, inEcr, ready, withReady } from '../fleet/live-fleet';
import { imagesFor, PLATFORM, tenant } from '../stacks/pinned-platform';
import { launchBrowser } from './browser';
import { type Served, serve } from './serve';

const HOSTILE = `</script><script>pwned('script')</script><img src=/x onerror="pwned('image')">{{7*7}}\u202e"'>`;
const PHONE = { width: 390, height: 844 };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

const opened: { readonly page: Page; readonly server: Served }[] = [];
afterEach(async () => {
  for (const { page, server } of opened.splice(0)) {
    await page.context().close();
    server.close();
  }
});

/** A fleet in which there is one of everything. */
function eventful(): Fleet {
  const [amber, birch, cedar, dogwood] = [
    tenant('amber', 'canary'),
    tenant('birch'),
    tenant('cedar'),
    tenant('dogwood', 'early'),
  ];
  const files = [amber, birch, cedar, dogwood, tenant('elder')];
  const stuck = withReady(deployed(cedar), 'False', 'RolloutStuck', 'worker: 0 of 1 pods are available');
  const stalled = { ...ready('True', 'RolloutStuck', ''), type: 'Stalled' };
  const live = [
    deployed(amber, 'second'),
    edited(deployed(birch), ['services', 'apiserver', 'replicas'], 9),
    { ...stuck, status: { ...stuck.status, conditions: [...(stuck.status?.conditions ?? []), stalled] } },
    { ...deployed(dogwood, 'second'), status: deployed(dogwood).status as object },
    deployed(tenant('stray')),
    deployed(tenant('zinnia', 'general', { decommission: true })),
  ];
  return fleetOf(files, live, inEcr(files, 'second'));
}

/** A fleet in which everybody who may write something writes it to do harm. */
function hostile(): Fleet {
  const amber = edited(withReady(deployed(tenant('amber')), 'False', HOSTILE, HOSTILE), ['host'], HOSTILE, HOSTILE);
  const [service] = amber.spec.services;
  const services = [{ ...service, name: HOSTILE, release: HOSTILE, commit: HOSTILE, image: `${HOSTILE}@${HOSTILE}` }];
  const spec = { ...amber.spec, ring: HOSTILE, release: HOSTILE, services };
  const status = { ...amber.status, services: [{ name: HOSTILE, image: HOSTILE, commit: HOSTILE, release: HOSTILE }] };
  const live = {
    metadata: { ...amber.metadata, name: HOSTILE, creationTimestamp: HOSTILE },
    spec,
    status,
  } as LiveTenant;
  return { ...fleetOf([tenant('amber')], [amber, live]), platform: HOSTILE, frozen: HOSTILE };
}

function thousand(): Fleet {
  const tenants = [...Array(1000).keys()].map((index) =>
    tenant(`customer-${String(index).padStart(3, '0')}`, index < 50 ? 'canary' : 'general'),
  );
  const live = tenants.map((one, index) => deployed(one, index < 300 ? 'second' : 'first'));
  return fleetOf(tenants, live, inEcr(tenants, 'second'));
}

interface Opened {
  readonly page: Page;
  readonly server: Served;
  /** What got to run that should not have. */
  readonly calls: readonly unknown[];
}

async function openHtml(html: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const server = await serve(html);
  const page = await (await browser.newContext(options)).newPage();
  opened.push({ page, server });
  const calls: unknown[] = [];
  await page.exposeFunction('pwned', (what: unknown) => calls.push(what));
  await page.goto(server.url);
  return { page, server, calls };
}

async function open(fleet: Fleet, options?: BrowserContextOptions): Promise<Page> {
  return (await openHtml(fleetPage(fleet, PLATFORM), options)).page;
}

/** The names of the tenants in sight, in their order. */
function names(page: Page): Promise<string[]> {
  return page.locator('#matrix tbody tr:visible .name').allTextContents();
}

describe('the page of a fleet', () => {
  test('shows what is worth knowing, every build, and each tenant with each service', async () => {
    const page = await open(eventful());
    const [before, after] = ['first', 'second'].map((build) =>
      imagesFor([tenant('amber')], build)
        .findImage('amber', 'worker')
        .commits[0]?.slice(0, 7),
    );

    expect(await page.locator('h1').innerText()).toBe('The fleet of acme');
    expect(await page.locator('.notice h3').allInnerTexts()).toEqual([
      '1 tenant not ready',
      '1 tenant edited by hand',
      '3 tenants behind',
      '1 tenant without a file',
      '1 file without a tenant',
      '1 tenant decommissioned',
    ]);
    expect(await names(page)).toEqual(['cedar', 'birch', 'stray', 'dogwood', 'zinnia', 'amber']);
    const birch = page.locator('#matrix tbody tr', { hasText: 'birch' });
    expect(await birch.locator('.chip').allTextContents()).toEqual(['ready', 'by hand', 'behind']);
    expect(await birch.locator('.why').textContent()).toMatch(
      /^apiserver replicas is 9, and should be 2, by kubectl-edit \d+ d ago$/,
    );
    expect(await birch.locator('td').last().locator('code').allTextContents()).toEqual([before, after]);
  });

  test('asks nobody for anything', async () => {
    const server = await serve(fleetPage(eventful(), PLATFORM));
    const page = await browser.newPage();
    opened.push({ page, server });
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(server.url);
    await page.locator('#text').fill('amber');

    expect(requests).toEqual([server.url]);
    expect(server.requests).toEqual(['/']);
  });

  test('runs no script and loads nothing that somebody got into it, and still works', async () => {
    const injected = [
      '<script>pwned("script")</script>',
      '<img src="/image" onerror="pwned(\'handler\')">',
      '<a id="evil" href="javascript:pwned(\'link\')">x</a>',
      '<style>body { display: none }</style>',
      '<link rel="stylesheet" href="/style.css">',
      '<iframe src="/frame"></iframe>',
      '<base href="https://attacker.example.com/">',
      '<form id="form" action="/form"></form>',
    ];
    const html = fleetPage(eventful(), PLATFORM).replace('<main>', `<main>${injected.join('')}`);
    const { page, server, calls } = await openHtml(html);
    const refused = page.evaluate(
      () =>
        new Promise((resolve) => {
          const directives: string[] = [];
          document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
            directives.push(effectiveDirective);
            if (effectiveDirective === 'form-action') resolve(directives);
          });
          document.getElementById('evil')?.click();
          (document.getElementById('form') as HTMLFormElement).submit();
        }),
    );

    expect(await refused).toEqual(expect.arrayContaining(['script-src-elem', 'form-action']));
    expect(calls).toEqual([]);
    expect(server.requests).toEqual(['/']);
    expect(await page.evaluate(() => document.baseURI)).toBe(server.url);
    expect(await page.evaluate(() => getComputedStyle(document.body).display)).toBe('block');
    expect(await names(page)).toHaveLength(6);
    expect(await page.evaluate(() => document.getElementById('filters')?.hidden)).toBe(false);
  });

  test('shows hostile names, hosts, messages and releases as the text that they are', async () => {
    const { page, server, calls } = await openHtml(fleetPage(hostile(), PLATFORM));

    expect(calls).toEqual([]);
    expect(server.requests).toEqual(['/']);
    expect(await page.locator('h1').textContent()).toBe(`The fleet of ${HOSTILE}`);
    expect(await page.locator('#matrix .name').allTextContents()).toContain(HOSTILE);
    expect(await page.locator('#matrix .host').first().textContent()).toBe(HOSTILE);
    expect(await page.locator('.banner code').textContent()).toBe(HOSTILE);
    expect(await page.locator('script').count()).toBe(2);
    expect(await page.locator('img, iframe, object').count()).toBe(0);
    // Nothing of it became an address either.
    expect(
      await page
        .locator('a[href]')
        .evaluateAll((links) =>
          links.filter((link) => !link.getAttribute('href')?.startsWith('https://github.com/acme/')),
        ),
    ).toEqual([]);
  });

  test('leads to GitHub, whether the repository is named with ids or without', async () => {
    const services = PLATFORM.services.map((service) => ({ ...service, github: `acme@1/${service.name}@22` }));
    const platform: Platform = { ...PLATFORM, services };
    const { page } = await openHtml(fleetPage(eventful(), platform));
    const links = await page.locator('#matrix a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));

    expect(links).toContainEqual(
      expect.stringMatching(/^https:\/\/github\.com\/acme\/worker\/compare\/[0-9a-f]{40}\.\.\.[0-9a-f]{40}$/),
    );
    expect(links).toContainEqual(
      expect.stringMatching(/^https:\/\/github\.com\/acme\/apiserver\/commit\/[0-9a-f]{40}$/),
    );
  });

  test('says that the platform is frozen, and to which lock', async () => {
    const page = await open({ ...eventful(), frozen: 'ops/frozen.lock.json' });
    const text = await page.locator('header').innerText();
    expect(text).toContain('THE PLATFORM IS FROZEN');
    expect(text).toContain('Its lock is ops/frozen.lock.json.');
  });

  test('shows all of it without JavaScript, and no control that would do nothing', async () => {
    const page = await open(eventful(), { javaScriptEnabled: false });
    expect(await names(page)).toHaveLength(6);
    expect(await page.locator('#filters').isVisible()).toBe(false);
    expect(await page.locator('button').count()).toBe(0);
    expect(await page.locator('#matrix time').first().textContent()).toBe('22 Nov, 06:00');
  });
});

describe('the age of a page', () => {
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

  test.each([
    ['is no news while it is young', minutesAgo(3), ', 3 min ago', false],
    ['is a warning when it is old', minutesAgo(200), ', 3 h ago', true],
    ['is nothing when the clock of whoever made it is ahead', minutesAgo(-600), ', just now', false],
  ])('%s', async (_, at, age, warns) => {
    const page = await open({ ...eventful(), at });
    expect(await page.locator('#age').innerText()).toBe(age);
    expect(await page.locator('#old').isVisible()).toBe(warns);
    if (warns)
      expect(await page.locator('#old').innerText()).toContain(
        'This page shows the fleet as it was 3 h ago, not as it is.',
      );
  });
});

describe('somebody at the keyboard', () => {
  test('narrows the tenants down by text, ring, service and what differs, and is told how many are left', async () => {
    const page = await open(eventful());
    const told = () => page.getByRole('status').innerText();
    expect(await told()).toBe('All 6 tenants.');

    await page.locator('#text').focus();
    await page.keyboard.type('kubectl');
    expect(await names(page)).toEqual(['birch']);
    expect(await told()).toBe('1 of 6 tenants.');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('nobody at all');
    expect(await told()).toBe('No tenant matches.');
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');

    await page.keyboard.press('Tab');
    await page.keyboard.type('early');
    expect(await names(page)).toEqual(['dogwood']);
    await page.keyboard.press('Home');
    await page.keyboard.press('Tab');
    await page.keyboard.type('worker');
    expect(await page.locator('#matrix th:visible').allTextContents()).not.toContain('apiserver');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await names(page)).toEqual(['cedar', 'birch', 'stray', 'dogwood', 'zinnia']);
  });

  test('finds where a commit runs by its first digits', async () => {
    const page = await open(eventful());
    const [commit = ''] = imagesFor([tenant('amber')], 'second').findImage('amber', 'worker').commits;
    await page.locator('#text').fill(commit.slice(0, 8));
    expect(await names(page)).toEqual(['dogwood', 'amber']);
  });

  test('sorts by a column, the other way round at the second time, and hears which way', async () => {
    const page = await open(eventful());
    const head = page.getByRole('columnheader', { name: 'Tenant', exact: true });
    await page.getByRole('button', { name: 'Tenant', exact: true }).focus();
    await page.keyboard.press('Enter');
    expect(await names(page)).toEqual(['amber', 'birch', 'cedar', 'dogwood', 'stray', 'zinnia']);
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    await page.keyboard.press('Space');
    expect((await names(page))[0]).toBe('zinnia');
    expect(await head.getAttribute('aria-sort')).toBe('descending');

    await page.getByRole('button', { name: 'Ring' }).focus();
    await page.keyboard.press('Enter');
    expect((await names(page)).slice(0, 2)).toEqual(['amber', 'dogwood']);
    expect(await page.locator('[aria-sort]').count()).toBe(1);
  });

  test('reaches every control, and sees where the focus is', async () => {
    const page = await open(eventful());
    const reached: string[] = [];
    for (;;) {
      await page.keyboard.press('Tab');
      const { name, outline } = await page.evaluate(() => {
        const { id, textContent, tagName } = document.activeElement as HTMLElement;
        const { outlineStyle } = getComputedStyle(document.activeElement as HTMLElement);
        return { name: tagName === 'BODY' ? '' : id || textContent || tagName, outline: outlineStyle };
      });
      if (name === '') break;
      expect([name, outline]).toEqual([name, 'solid']);
      reached.push(name);
    }
    const controls = ['text', 'ring', 'service', 'sort', 'differs', 'Tenant', 'Ring', 'State', 'apiserver', 'worker'];
    expect(reached.filter((name) => controls.includes(name))).toEqual(controls);
  });
});

/** What axe has to say of a rule. */
interface Found {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each([
    ['on a desk', 1280],
    ['on a phone', PHONE.width],
  ])('%s, everything can be read, and by a screen reader too', async (_, width) => {
    // Tall enough for all of it: what is out of sight is not drawn, and has no colours to compute.
    const context = { colorScheme, viewport: { width, height: 4000 }, bypassCSP: true };
    const page = await open({ ...eventful(), frozen: 'frozen.lock.json' }, context);
    await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    // biome-ignore lint/suspicious/noExplicitAny: what axe leaves on the window
    const { violations, incomplete } = await page.evaluate(() => (window as any).axe.run());

    expect(told(violations)).toEqual([]);
    // Arrows are signs, of which it does not judge the contrast; they have the colour of the text beside them.
    expect(told(incomplete).filter((line) => !line.includes('> → <'))).toEqual([]);
    const [red] = await page
      .locator('body')
      .evaluate((body) => getComputedStyle(body).backgroundColor.match(/\d+/g) ?? []);
    expect(Number(red) > 128).toBe(colorScheme === 'light');
  });

  function told(found: readonly Found[]): string[] {
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  }
});

describe('on a phone', () => {
  test('nothing has to be moved sideways, not even the longest names', async () => {
    const long = tenant('x'.repeat(56), 'canary', { host: `${'y'.repeat(60)}.${'z'.repeat(60)}.example.com` });
    const fleet = fleetOf(
      [long],
      [withReady(deployed(long), 'False', 'R'.repeat(80), 'm'.repeat(400))],
      inEcr([long], 'second'),
    );
    for (const shown of [fleet, eventful()]) {
      const page = await open(shown, { viewport: PHONE });
      const beyond = await page
        .locator('body *')
        .evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().right > innerWidth).length);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
      expect(beyond).toBe(0);
    }
  });

  test('each tenant is a card that says which column each of its lines is of', async () => {
    const page = await open(eventful(), { viewport: PHONE });
    const label = await page
      .locator('#matrix tbody td.s0')
      .first()
      .evaluate((cell) => getComputedStyle(cell, '::before').content);
    expect(label).toBe('"apiserver"');
    expect(await page.getByRole('rowheader', { name: /^cedar/ }).isVisible()).toBe(true);
  });
});

describe('a thousand tenants', () => {
  test('are filtered and sorted whole, with only the rows in sight to draw', async () => {
    const page = await open(thousand());
    const drawn = () =>
      page
        .locator('#matrix tbody tr')
        .evaluateAll(
          (rows) =>
            rows.filter((row) => row.firstElementChild?.checkVisibility({ contentVisibilityAuto: true })).length,
        );
    expect(await page.getByRole('status').innerText()).toBe('All 1,000 tenants.');
    expect(await page.locator('#matrix tbody tr').count()).toBe(1000);
    expect(await drawn()).toBeLessThan(100);
    expect(await page.locator('*').count()).toBeLessThan(30_000);

    await page.locator('#text').pressSequentially('customer-77');
    expect(await names(page)).toEqual([...Array(10).keys()].map((digit) => `customer-77${digit}`));
    await page.locator('#text').fill('');
    await page.locator('#differs').check();
    expect(await page.getByRole('status').innerText()).toBe('700 of 1,000 tenants.');
    await page.getByRole('button', { name: 'Tenant' }).click();
    expect(await page.locator('#matrix tbody tr:not([hidden]) .name').first().innerText()).toBe('customer-300');
    expect(await drawn()).toBeLessThan(100);
  });
});

test('the same fleet gives the same page', () => {
  expect(fleetPage(eventful(), PLATFORM)).toBe(fleetPage(eventful(), PLATFORM));
});
