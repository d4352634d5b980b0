/**
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @returns {Kind} The page's templates promise that it is there.
 */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}`);
  return /** @type {Kind} */ (found);
}

/**
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {Kind}
 */
export function within(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`Nothing matches ${selector}`);
  return /** @type {Kind} */ (found);
}

/**
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {ParentNode} root
 * @param {string} name
 * @returns {Kind} The place in a component's markup that a script fills.
 */
export function slot(root, name) {
  return within(root, `[data-slot="${name}"]`);
}

/** @param {string} id @returns {DocumentFragment} */
export function cloneTemplate(id) {
  const template = /** @type {HTMLTemplateElement} */ (element(id));
  return document.importNode(template.content, true);
}

/**
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @returns {Kind} The first element of a template.
 */
export function cloneElement(id) {
  return /** @type {Kind} */ (cloneTemplate(id).firstElementChild);
}

/** @param {EventTarget | null} target @param {string} selector @returns {HTMLElement | null} */
export function closest(target, selector) {
  return target instanceof Element ? target.closest(selector) : null;
}
