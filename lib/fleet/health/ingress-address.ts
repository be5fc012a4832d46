import { ExplainedError } from '../../text/explained-error';
import { plainText } from '../../text/harmless';

/** The environment variable that names the address. */
export const INGRESS_VARIABLE = 'TENANTRY_INGRESS';

/** Thrown when the environment names an address that can't be one. */
export class WrongIngressAddress extends ExplainedError {
  override readonly name = 'WrongIngressAddress';

  constructor(readonly address: string) {
    super(
      `${INGRESS_VARIABLE} ${plainText(address)}: must be http:// or https:// with a host and no path, such as https://10.0.0.1, or unset`,
    );
  }
}

/**
 * Where all tenants' hosts are asked instead of where DNS says they are: at the gateway of the local platform, or before there is DNS.
 *
 * @throws WrongIngressAddress
 */
export function ingressAddress(environment: NodeJS.ProcessEnv = process.env): URL | undefined {
  const given = environment[INGRESS_VARIABLE];
  if (!given) return undefined;
  const address = URL.canParse(given) ? new URL(given) : undefined;
  const isOrigin = address && `${address.origin}/` === address.href;
  if (!isOrigin || !['http:', 'https:'].includes(address.protocol)) throw new WrongIngressAddress(given);
  return address;
}
