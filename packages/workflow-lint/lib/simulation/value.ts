import type { data } from '@actions/expressions';
import { github } from '../github/packages';
import type { Chance } from './chance';

export type Value = data.ExpressionData;

/** Who decides what a value is that no file shows: whoever makes the event, or a script that looked at it. */
export type Origin = 'open' | 'guarded';

/** What a context holds, as plain data; functions of this file make what is not plain. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain } | Special;

export class Special {
  constructor(readonly value: () => Value) {}
}

/** A value that nobody knows here, and everything in it; whether it holds in a condition may be known all the same. */
export function unknown(origin: Origin, chance: Chance = origin): Special {
  return new Special(() => new (classes().Unknown)(origin, chance));
}

/** An object of which some values are known; what else is asked of it is not. */
export function open(known: { readonly [name: string]: Plain } = {}, origin: Origin = 'open'): Special {
  return new Special(() => {
    const dictionary = new (classes().OpenDictionary)(origin);
    for (const [name, value] of Object.entries(known)) dictionary.add(name, toValue(value));
    return dictionary;
  });
}

export function toValue(plain: Plain): Value {
  const { data } = github();
  if (plain instanceof Special) return plain.value();
  if (plain === null) return new data.Null();
  if (typeof plain === 'string') return new data.StringData(plain);
  if (typeof plain === 'number') return new data.NumberData(plain);
  if (typeof plain === 'boolean') return new data.BooleanData(plain);
  if (isList(plain)) return new data.Array(...plain.map(toValue));
  return new data.Dictionary(...Object.entries(plain).map(([key, value]) => ({ key, value: toValue(value) })));
}

function isList(plain: Plain): plain is readonly Plain[] {
  return Array.isArray(plain);
}

/** Who decides a value, where it is not known. An object of which some values are known is as known as can be. */
export function originOf(value: Value): Origin | undefined {
  const { Unknown } = classes();
  if (value instanceof Unknown) return value.origin;
  const { data } = github();
  return value.kind === data.Kind.Array ? decidedBy((value as data.Array).values().map(originOf)) : undefined;
}

/** Who decides what is made of several values. A script that looked at one of them decides. */
export function decidedBy(origins: readonly (Origin | undefined)[]): Origin | undefined {
  return origins.includes('guarded') ? 'guarded' : origins.includes('open') ? 'open' : undefined;
}

/** Who decides what a function makes of a value: of all that is in it. */
export function originWithin(value: Value): Origin | undefined {
  return value instanceof classes().OpenDictionary ? value.origin : originOf(value);
}

export function chanceOf(value: Value): Chance {
  const { Unknown } = classes();
  if (value instanceof Unknown) return value.chance;
  return github().falsy(value) ? 'no' : 'yes';
}

/** What a value says as a text; undefined where that is not known. */
export function textOf(value: Value): string | undefined {
  return originWithin(value) === undefined ? value.coerceString() : undefined;
}

type Classes = ReturnType<typeof define>;
let defined: Classes | undefined;

function classes(): Classes {
  defined ??= define();
  return defined;
}

/** They extend classes of GitHub's package, which are there only once it is loaded. */
function define() {
  const { data } = github();
  class OpenDictionary extends data.Dictionary {
    constructor(readonly origin: Origin) {
      super();
    }
    override get(name: string): Value {
      return super.get(name) ?? new Unknown(this.origin, this.origin);
    }
  }
  class Unknown extends data.Dictionary {
    constructor(
      readonly origin: Origin,
      readonly chance: Chance,
    ) {
      super();
    }
    override get(): Value {
      return this;
    }
    override values(): Value[] {
      return [this];
    }
  }
  return { OpenDictionary, Unknown };
}
