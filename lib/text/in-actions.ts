/** Whether this is a step of GitHub Actions, whose output is read for workflow commands. */
export function inActions(): boolean {
  return process.env.GITHUB_ACTIONS === 'true';
}
