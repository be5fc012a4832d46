import { imageServiceOf } from '../../lib/config/image-service';
import type { Configuration } from '../../lib/config/load';
import type { Pin } from '../../lib/images/pin';
import { OPERATOR } from '../../lib/images/request';
import { suggestion } from '../../lib/text/suggestion';
import { refuseUnknown } from '../status/known-names';
import { WrongOption } from '../wrong-option';

/**
 * What `--pin <service=commit>` and `--tenant` ask for.
 *
 * @throws WrongOption where they name what is not there, or say nothing.
 */
export function pinsOf(given: readonly string[], only: readonly string[], { platform, tenants }: Configuration): Pin[] {
  const services = [...platform.services.map(({ name }) => name), OPERATOR];
  const names = tenants.map(({ name }) => name);
  refuseUnknown('--tenant', only, 'tenant', names);
  if (only.length > 0 && given.length === 0) {
    throw new WrongOption('--tenant', only.join(' '), 'narrows down --pin, which is missing');
  }
  const pins = given.map((text) => {
    const [service = '', commit = '', ...rest] = text.split('=');
    if (commit === '' || rest.length > 0) {
      throw new WrongOption('--pin', text, 'is not of the form <service>=<commit>, such as web-client=8227b3d');
    }
    if (!services.includes(service)) {
      throw new WrongOption('--pin', text, `there is no service "${service}"${suggestion(service, services)}`);
    }
    if (service === OPERATOR && only.length > 0) {
      throw new WrongOption('--tenant', only.join(' '), "the operator is everybody's: leave --tenant out");
    }
    const image = imageServiceOf(service, platform.services);
    if (image !== service) {
      throw new WrongOption('--pin', text, `${service} runs the image of ${image}: pin that`);
    }
    return {
      service,
      commit: commit.toLowerCase(),
      tenants: service === OPERATOR ? [] : only.length > 0 ? only : names,
    };
  });
  for (const [index, { service }] of pins.entries()) {
    if (pins.findIndex((pin) => pin.service === service) === index) continue;
    throw new WrongOption(
      '--pin',
      given[index] as string,
      `${service} is pinned twice. Give it once; to pin it to another commit for some tenants, do that after with --tenant`,
    );
  }
  return pins;
}
