import { messageHtml } from "./trusted.js";

/**
 * Changes that put no node into the page where the old one serves: what listens takes every node that comes into
 * the log for news, and a selection stands in the nodes that it was made in.
 */

/** @param {Element} holder Of text alone. @param {string} text */
export function setText(holder, text) {
  const { firstChild } = holder;
  if (!(firstChild instanceof Text) || holder.childNodes.length > 1) return holder.replaceChildren(new Text(text));
  if (firstChild.data !== text) firstChild.data = text;
}

/** @param {Element} holder @param {string} html Of a message. */
export function setHtml(holder, html) {
  const template = document.createElement("template");
  template.innerHTML = messageHtml(html.trim());
  become(holder, template.content);
}

/** @param {Element} holder @param {(Node | string)[]} nodes */
export function setNodes(holder, nodes) {
  const fresh = document.createDocumentFragment();
  fresh.append(...nodes);
  become(holder, fresh);
}

/** @param {ParentNode & Node} old @param {ParentNode & Node} fresh */
function become(old, fresh) {
  const olds = [...old.childNodes];
  const news = [...fresh.childNodes];
  if (olds.length !== news.length || !olds.every((node, at) => isAlike(node, news[at]))) return old.replaceChildren(...news);
  olds.forEach((node, at) => take(node, news[at]));
}

/** @param {ChildNode} old @param {ChildNode} fresh */
function take(old, fresh) {
  if (old instanceof Text && fresh instanceof Text && old.data !== fresh.data) old.data = fresh.data;
  if (old instanceof Element && fresh instanceof Element) become(old, fresh);
}

/** @param {ChildNode} one @param {ChildNode} other */
function isAlike(one, other) {
  if (one instanceof Element && other instanceof Element) return one.cloneNode().isEqualNode(other.cloneNode());
  return one instanceof Text && other instanceof Text;
}
