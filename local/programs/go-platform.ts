const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** This machine as Go and Terraform write it: `linux_amd64`. */
export function goPlatform(): string {
  return `${process.platform}_${ARCHITECTURES[process.arch] ?? process.arch}`;
}
