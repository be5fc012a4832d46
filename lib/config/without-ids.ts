/** A GitHub repository as `owner/name`, also where it is given as `owner@id/name@id`, as OIDC tokens carry it. */
export function withoutIds(repository: string): string {
  return repository.replace(/@[0-9]+/g, '');
}
