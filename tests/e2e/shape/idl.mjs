import { readFile } from 'node:fs/promises';
import { parse } from 'webidl2';

const FILE = new URL('../../idl/background-fetch.idl', import.meta.url);

/** The globals that a name of [Exposed] stands for. */
const GLOBALS = {
  Window: ['window'],
  Worker: ['dedicated worker', 'shared worker', 'service worker'],
  ServiceWorker: ['service worker'],
};

/**
 * What the IDL says, as JSON: `interfaces`, `partials` with the attributes that other interfaces get, and the members
 * of `dictionaries` in the order in which they are converted.
 */
export async function readIdl() {
  const definitions = parse(await readFile(FILE, 'utf8'));
  const interfaces = definitions.filter(({ type, partial }) => type === 'interface' && !partial);
  const partials = definitions.filter(({ type, partial }) => type === 'interface' && partial);
  const dictionaries = definitions.filter(({ type }) => type === 'dictionary');
  const byName = (list, read) => Object.fromEntries(list.map((each) => [each.name, read(each, list)]));
  return {
    interfaces: interfaces.map(readInterface),
    partials: byName(partials, ({ members }) => members.map(readMember)),
    dictionaries: byName(dictionaries, membersInOrder),
  };
}

function readInterface({ name, inheritance, extAttrs, members }) {
  const constructor = members.find(({ type }) => type === 'constructor');
  return {
    name,
    inheritance,
    exposed: exposure(extAttrs),
    isConstructible: Boolean(constructor),
    length: constructor ? neededArguments(constructor) : 0,
    members: members.filter(({ type }) => type !== 'constructor').map(readMember),
  };
}

function exposure(extAttrs) {
  const { rhs } = extAttrs.find(({ name }) => name === 'Exposed');
  const names = Array.isArray(rhs.value) ? rhs.value.map(({ value }) => value) : [rhs.value];
  return names.flatMap((name) => GLOBALS[name]);
}

function readMember({ type: kind, name, readonly, idlType, arguments: parameters }) {
  const type = idlType.generic || idlType.idlType;
  const isPromise = type === 'Promise';
  if (kind === 'attribute') return { kind, name, type, readonly, isPromise };
  return { kind, name, isPromise, length: neededArguments({ arguments: parameters }) };
}

function neededArguments({ arguments: parameters }) {
  return parameters.filter(({ optional, variadic }) => !optional && !variadic).length;
}

/** https://webidl.spec.whatwg.org/#js-dictionary: inherited members first, those of one dictionary by their names. */
function membersInOrder({ inheritance, members }, dictionaries) {
  const base = dictionaries.find(({ name }) => name === inheritance);
  const own = members.map(({ name, required, idlType }) => ({
    name,
    required,
    sequenceOf: idlType.generic === 'sequence' ? idlType.idlType[0].idlType : undefined,
    type: idlType.generic || idlType.idlType,
  }));
  own.sort((one, other) => (one.name < other.name ? -1 : 1));
  return [...(base ? membersInOrder(base, dictionaries) : []), ...own];
}
