import { isIPv4 } from 'node:net';

const BYTE = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = `${BYTE}(\\.${BYTE}){3}/(3[0-2]|[12]?[0-9])`;
const GROUP = '[0-9a-f]{1,4}';
/** "::" stands for one group or more: so many before it, and so many after it at most. */
const SHORTENED = [1, 2, 3, 4, 5, 6].map((before) => `(${GROUP}:){1,${before}}(:${GROUP}){1,${7 - before}}`);
const ADDRESS = [`(${GROUP}:){7}${GROUP}`, `(${GROUP}:){1,7}:`, `:((:${GROUP}){1,7}|:)`, ...SHORTENED].join('|');
const IPV6 = `(${ADDRESS})/(12[0-8]|1[01][0-9]|[1-9]?[0-9])`;

/** A range of addresses, as a pattern that JavaScript and Go have in common. */
export const RANGE = `(${IPV4}|${IPV6})`;

/**
 * What is wrong with a range that is like the pattern. One that names an address in the middle is taken by Kubernetes before 1.36, where it is
 * another one for a reader than for the network, and refused from then on (the feature gate StrictIPCIDRValidation).
 */
export function rangeProblem(range: string): string | undefined {
  const [address = '', length = ''] = range.split('/');
  if (bitsOf(address) === firstOf(range)) return undefined;
  const first = addressOf(firstOf(range), isIPv4(address));
  const single = isIPv4(address) ? 32 : 128;
  return `does not begin with ${address}: write ${first}/${length} for the whole range, or ${address}/${single} for this address alone`;
}

/** Whether a range lies in another, or is the same. */
export function liesIn(range: string, other: string): boolean {
  const [address = '', length] = range.split('/');
  const [first = '', itsLength] = other.split('/');
  if (isIPv4(address) !== isIPv4(first) || Number(length) < Number(itsLength)) return false;
  return firstOf(`${address}/${itsLength}`) === bitsOf(first);
}

function firstOf(range: string): bigint {
  const [address = '', length] = range.split('/');
  const rest = BigInt((isIPv4(address) ? 32 : 128) - Number(length));
  return (bitsOf(address) >> rest) << rest;
}

function bitsOf(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((all, byte) => (all << 8n) | BigInt(byte), 0n);
  const [before = [], after = []] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const between = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...between, ...after].reduce((all, group) => (all << 16n) | BigInt(`0x${group}`), 0n);
}

function addressOf(bits: bigint, isOfFour: boolean): string {
  const [count, size] = isOfFour ? [4, 8n] : [8, 16n];
  const parts = Array.from({ length: count }, (_, n) => (bits >> (size * BigInt(count - 1 - n))) & ((1n << size) - 1n));
  if (isOfFour) return parts.join('.');
  const text = parts.map((part) => part.toString(16)).join(':');
  // Written the short way.
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}
