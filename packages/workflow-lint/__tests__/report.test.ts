import { forPeople } from '../lib/report/people';
import { corpus, lintCase } from './corpus';

const CI = {
  path: 'ci.yml',
  text: 'name: CI\non: { push: {}, pull_request: {} }\njobs: { test: { runs-on: x, steps: [{ run: make test }] } }\n',
};

function afterCi(deploy: string) {
  const text = `name: Deploy\non: { workflow_run: { workflows: [CI], types: [completed] } }\njobs:\n  deploy:\n    runs-on: x\n    ${deploy}\n`;
  return lintCase({ files: [CI, { path: 'deploy.yml', text }] });
}

async function messages(name: string, rule: string): Promise<readonly string[]> {
  const found = [...corpus('broken')].find((each) => each.name === name);
  const { report } = await lintCase({ files: found?.files ?? [] });
  return report.findings.filter((each) => each.rule === rule).map(({ message }) => message);
}

test('why nobody notices is said once for each rule', async () => {
  const [first] = corpus('broken').filter(({ name }) => name === 'filters-that-an-event-has-not');
  const { report } = await lintCase({ files: first?.files ?? [] });
  expect(report.findings.length).toBeGreaterThan(3);
  expect(forPeople(report).match(/Why nobody notices/g)).toHaveLength(1);
});

test('of many names three are named, the nearest', async () => {
  const many = Array.from({ length: 46 }, (_, index) => ({
    path: `${index}.yml`,
    text: `name: Some workflow ${index}\non: push\njobs: { test: { runs-on: x, steps: [{ run: make }] } }\n`,
  }));
  const waiting =
    'on: { workflow_run: { workflows: [Another], types: [completed] } }\njobs: { a: { runs-on: x, steps: [{ run: make }] } }\n';
  const { report } = await lintCase({ files: [...many, { path: 'after.yml', text: waiting }] });
  expect(report.findings).toHaveLength(1);
  expect(report.findings[0]?.mend).toMatch(/; known: [^,]+, [^,]+, [^,]+ and 44 more$/);
});

test('a group with cancel-in-progress ends what runs, and does not let it wait', async () => {
  const group = (cancel: boolean) => `concurrency: { group: deploy, cancel-in-progress: ${cancel} }`;
  const job = `if: github.event.workflow_run.conclusion == 'success' && github.event.workflow_run.event == 'push' && github.event.workflow_run.head_branch == 'main'\n    steps: [{ run: ./deploy.sh }]\n`;
  const said = async (cancel: boolean) => {
    const { report } = await afterCi(`${job}${group(cancel)}`);
    return report.findings.find(({ rule }) => rule === 'skipped-run-takes-lock')?.message;
  };
  expect(await said(true)).toContain('ends a run that deploys in the group "deploy", wherever it is ("deploy")');
  expect(await said(false)).toContain('takes the group "deploy" from a run that waits to deploy ("deploy")');
});

test('so does one by which the same event comes for something else', async () => {
  const text = (cancel: boolean) =>
    `name: Ship\non: { issue_comment: { types: [created] } }\nconcurrency: { group: ship, cancel-in-progress: ${cancel} }\njobs:\n  deploy:\n    runs-on: x\n    if: github.event.comment.body == '/deploy'\n    steps: [{ run: ./deploy.sh }]\n`;
  const said = async (cancel: boolean) => {
    const { report } = await lintCase({ files: [{ path: 'ship.yml', text: text(cancel) }] });
    return report.findings.find(({ rule }) => rule === 'skipped-run-takes-lock');
  };
  expect((await said(true))?.message).toContain(
    'for something else, the run deploys nothing, and ends a run that deploys',
  );
  expect((await said(true))?.mend).not.toContain('queue: max');
  expect((await said(false))?.message).toContain('takes the group "ship" from a run that waits to deploy');
  expect((await said(false))?.mend).toContain('or say queue: max');
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: expressions of GitHub
test.each([
  [
    "steps: [{ uses: actions/checkout@v4, with: { ref: '${{ github.event.workflow_run.head_sha }}' } }]",
    'it runs with the job',
  ],
  [
    "steps: [{ uses: actions/download-artifact@v4, with: { run-id: '${{ github.event.workflow_run.id }}' } }]",
    "What the fork's run left",
  ],
  ["steps: [{ run: './deploy.sh ${{ github.event.workflow_run.head_sha }}' }]", 'it does not run with'],
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: expressions of GitHub
])("says whether the fork's code runs with secrets: %s", async (steps, said) => {
  const { report } = await afterCi(`if: github.event.workflow_run.conclusion == 'success'\n    ${steps}`);
  expect(report.findings.find(({ rule }) => rule === 'missing-origin-guard')?.message).toContain(said);
});

test("says that pull_request_target runs a fork's code with secrets", async () => {
  expect(await messages('a-fork-is-checked-out-with-secrets', 'missing-origin-guard')).toEqual([
    expect.stringContaining("The fork's code is checked out there: it runs with the job's secrets and token"),
  ]);
});

test('says what of a fork runs, and which guard stops nothing', async () => {
  const guard = `{ name: Guard, run: '[ "\${{ github.event.workflow_run.event }}" = push ] || echo "not a push"' }`;
  const { report } = await afterCi(
    `if: github.event.workflow_run.conclusion == 'success'\n    steps: [${guard}, { run: ./deploy.sh }]`,
  );
  const [found] = report.findings.filter(({ rule }) => rule === 'missing-origin-guard');
  expect(found?.message).toMatch(
    /The fork's code is not checked out there, .*\. The step "Guard" on line 7 asks, and ends well/,
  );
  expect(found?.mend).toMatch(/^Let the step "Guard" on line 7 end with exit 1/);
});

test('of the fields that an event has, three are named', async () => {
  const { report } = await lintCase(
    corpus('broken').find(({ name }) => name === 'fields-that-the-event-lacks') ?? { files: [] },
  );
  expect(report.findings.map(({ mend }) => mend)).toContainEqual(
    expect.stringMatching(/a field that there is; known: [^,]+, [^,]+, [^,]+ and \d+ more$/),
  );
});
