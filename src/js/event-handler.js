import { isObject } from './web-idl.js';

/**
 * Event handler attributes (https://html.spec.whatwg.org/#event-handler-attributes): a handler keeps its place among
 * the listeners while it is replaced, and loses it when it is set to null.
 */
const handlers = new WeakMap();

export function eventHandler(target, type) {
  return handlers.get(target)?.get(type)?.value ?? null;
}

export function setEventHandler(target, type, value) {
  if (!handlers.has(target)) handlers.set(target, new Map());
  const handlersOfTarget = handlers.get(target);
  const current = handlersOfTarget.get(type);
  if (!isObject(value)) {
    if (current) target.removeEventListener(type, current.listener);
    handlersOfTarget.delete(type);
  } else if (current) {
    current.value = value;
  } else {
    const handler = { value, listener: (event) => call(handler.value, target, event) };
    handlersOfTarget.set(type, handler);
    target.addEventListener(type, handler.listener);
  }
}

function call(value, target, event) {
  // Objects that cannot be called are kept and do nothing.
  if (typeof value === 'function' && value.call(target, event) === false) event.preventDefault();
}
