/** As far as it says whose image a service runs. */
interface WithImage {
  readonly name: string;
  /** The service whose image it runs. Absent for its own. */
  readonly image?: string;
}

/** The service whose image it runs: itself, unless it is a second process of another. */
export function imageService({ name, image = name }: WithImage): string {
  return image;
}

/** The same of a service by its name, also of one that is not among these any more. */
export function imageServiceOf(name: string, services: readonly WithImage[]): string {
  return imageService(services.find((service) => service.name === name) ?? { name });
}
