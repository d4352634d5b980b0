const NARROW = "(width < 48rem)";
const GAP = 6;

/**
 * Puts an open dialog beside what opened it, inside the window; on a phone its own style puts it at the bottom.
 * @param {HTMLDialogElement} dialog
 * @param {HTMLElement} opener
 */
export function placeBeside(dialog, opener) {
  dialog.style.margin = dialog.style.inset = "";
  if (matchMedia(NARROW).matches) return;
  const { top, bottom, right } = opener.getBoundingClientRect();
  const { width, height } = dialog.getBoundingClientRect();
  const below = bottom + GAP + height < innerHeight;
  const start = Math.min(Math.max(GAP, right - width), innerWidth - width - GAP);
  const lowest = innerHeight - height - GAP;
  dialog.style.margin = "0";
  dialog.style.inset = "auto";
  dialog.style.left = `${start}px`;
  dialog.style.top = `${Math.max(GAP, Math.min(below ? bottom + GAP : top - GAP - height, lowest))}px`;
}
