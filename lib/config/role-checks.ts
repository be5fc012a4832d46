import { roleArn } from '../tenant/role';
import { suggestion } from '../text/suggestion';
import { mergedServices, onceEach } from './layers';
import { filledIn, PLACEHOLDERS, unknownPlaceholders } from './placeholders';
import type { Check } from './sources';

/** What a role's ARN comes to for each tenant. */
export const rolesFit: Check = (platform, tenants) =>
  onceEach(
    tenants.flatMap((tenant) =>
      mergedServices(platform, tenant).flatMap(({ name, settings: { role }, problem }) => {
        if (role === undefined) return [];
        const unknown = unknownPlaceholders(role);
        if (unknown.length > 0) {
          return unknown.map((one) =>
            problem(
              ['role'],
              `services.${name}.role has {${one}}, for which there is nothing to fill in${suggestion(one, PLACEHOLDERS)}`,
            ),
          );
        }
        const filled = filledIn(role, { tenant: tenant.name, service: name });
        const result = roleArn.safeParse(filled);
        if (result.success) return [];
        const why = result.error.issues.map(({ message }) => message).join('; ');
        const comes = filled === role ? '' : `comes to ${filled}, and `;
        return [problem(['role'], `services.${name}.role ${comes}${why}`)];
      }),
    ),
  );
