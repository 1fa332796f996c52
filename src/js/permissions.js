import { isObject, shapeOperation } from './web-idl.js';

const NAME = 'background-fetch';

/**
 * Whether the permission "background-fetch" is granted: as the option says, by default always.
 *
 * @param {Polyfill.Options} options
 */
export async function isPermitted({ isPermitted: ask }) {
  return ask ? Boolean(await ask()) : true;
}

/**
 * Lets `navigator.permissions.query()` know the permission where the browser does not.
 *
 * @param {Polyfill.Options} options
 */
export function answerPermissionQueries(options) {
  if (!self.Permissions) return;
  const { prototype } = self.Permissions;
  const native = prototype.query;
  const { query } = {
    /**
     * @this {Permissions}
     * @param {PermissionDescriptor} permissionDescriptor
     */
    async query(permissionDescriptor) {
      try {
        return await Reflect.apply(native, this, arguments);
      } catch (error) {
        // Firefox says TypeError, WebKit NotSupportedError.
        if (!(this instanceof self.Permissions) || !isOurs(permissionDescriptor)) throw error;
        return createStatus((await isPermitted(options)) ? 'granted' : 'denied');
      }
    },
  };
  Object.defineProperty(prototype, 'query', { value: shapeOperation(query) });
}

/** @param {any} descriptor */
function isOurs(descriptor) {
  return isObject(descriptor) && `${descriptor.name}` === NAME;
}

/**
 * A status that never changes. WebKit's shared and service workers have no name for what it is an instance of.
 *
 * @param {PermissionState} state
 */
function createStatus(state) {
  const status = Reflect.construct(EventTarget, [], self.PermissionStatus ?? EventTarget);
  return Object.defineProperties(status, {
    name: { value: NAME, enumerable: true },
    state: { value: state, enumerable: true },
    onchange: { value: null, enumerable: true, writable: true },
  });
}
