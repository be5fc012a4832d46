import { forPeople } from '../../lib/lint/report/people';
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
