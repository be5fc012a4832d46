import { platformPath } from './load';

/** A command as a person types it who has nothing but a checkout: of another platform than `platform.yaml` it has to say so. */
export function typedCommand(command: string): string {
  const path = platformPath();
  return path === 'platform.yaml' ? command : `PLATFORM=${path} ${command}`;
}
