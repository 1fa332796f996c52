import { isObject } from './web-idl.js';

/**
 * Event handler attributes (https://html.spec.whatwg.org/#event-handler-attributes): a handler keeps its place among
 * the listeners while it is replaced, and loses it when it is set to null.
 *
 * @type {WeakMap<EventTarget, Map<string, { value: any, listener: (event: Event) => void }>>}
 */
const handlers = new WeakMap();

/**
 * @param {EventTarget} target
 * @param {string} type
 */
export function eventHandler(target, type) {
  return handlers.get(target)?.get(type)?.value ?? null;
}

/**
 * @param {EventTarget} target
 * @param {string} type
 * @param {any} value
 */
export function setEventHandler(target, type, value) {
  const handlersOfTarget = handlers.get(target) ?? new Map();
  handlers.set(target, handlersOfTarget);
  const current = handlersOfTarget.get(type);
  if (!isObject(value)) {
    if (current) target.removeEventListener(type, current.listener);
    handlersOfTarget.delete(type);
  } else if (current) {
    current.value = value;
  } else {
    /** @type {{ value: any, listener: (event: Event) => void }} */
    const handler = { value, listener: (event) => call(handler.value, target, event) };
    handlersOfTarget.set(type, handler);
    target.addEventListener(type, handler.listener);
  }
}

/**
 * @param {any} value
 * @param {EventTarget} target
 * @param {Event} event
 */
function call(value, target, event) {
  // Objects that cannot be called are kept and do nothing.
  if (typeof value === 'function' && value.call(target, event) === false) event.preventDefault();
}
