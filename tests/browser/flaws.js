// What a designer would see at once: in the page, as a function without arguments; its answer says kind and place.
() => {
  const found = [];
  const all = (what) => [...document.querySelectorAll(`main ${what}`)].filter((each) => each.checkVisibility());
  const named = (each) => `${each.tagName.toLowerCase()}.${each.className} ${(each.id || each.innerText || "").slice(0, 40)}`;
  const box = (each) => each.getBoundingClientRect();

  // A card that touches what stands below it.
  for (const card of all(".card")) {
    const next = card.nextElementSibling;
    if (!next || !next.checkVisibility()) continue;
    const gap = box(next).top - box(card).bottom;
    if (gap > -1 && gap < 8) found.push(`glued: ${named(next)}`);
  }
  // A column that is outside its table's window.
  for (const each of all(".table-wrap")) {
    if (each.scrollWidth > each.clientWidth + 1) found.push(`cut: ${each.getAttribute("aria-label")}`);
  }
  // A choice of a list's filters that cannot be read to its end.
  const pen = document.createElement("canvas").getContext("2d");
  for (const each of all(".filters select")) {
    const style = getComputedStyle(each);
    pen.font = style.font;
    const room = each.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 14;
    const wide = pen.measureText(each.selectedOptions[0].text).width;
    if (wide > room + 1) found.push(`cut: ${each.id} ${Math.round(wide)} in ${Math.round(room)}`);
  }
  // Fields side by side whose boxes do not stand on one line.
  for (const pair of all(".pair")) {
    const boxes = [...pair.children].map((each) => box(each.querySelector("input,select,textarea") || each));
    for (const [at, one] of boxes.entries()) {
      const other = boxes[at + 1];
      if (other && other.left > one.right - 1 && Math.abs(other.bottom - one.bottom) > 3) found.push(`uneven: ${named(pair)}`);
    }
  }
  // A word that is broken where it has no hyphen.
  const nodes = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (nodes.nextNode()) {
    const node = nodes.currentNode;
    const holder = node.parentElement;
    if (!node.data.trim() || !holder.checkVisibility() || holder.closest("textarea,select,code,pre,.hash,.visually-hidden")) continue;
    for (const word of node.data.matchAll(/(?<=^|\s)[^\s/<=>]+(?=\s|$)/gu)) for (const part of word[0].matchAll(/\p{L}{3,}/gu)) {
      range.setStart(node, word.index + part.index);
      range.setEnd(node, word.index + part.index + part[0].length);
      const lines = new Set([...range.getClientRects()].map((each) => Math.round(each.top / 4)));
      if (lines.size > 1) found.push(`broken: ${part[0]} in ${named(holder)}`);
    }
  }
  // A word of the menu that runs into the next one.
  const menu = [...document.querySelectorAll(".nav li a > span:first-of-type")].map((each) => {
    range.selectNodeContents(each);
    return [each.innerText, range.getBoundingClientRect()];
  });
  for (const [at, [word, one]] of menu.entries()) {
    const [other, next] = menu[at + 1] || [];
    if (next && next.left < one.right && next.bottom > one.top && one.bottom > next.top) found.push(`menu: ${word}${other}`);
  }
  // A keyboard's key where there is no keyboard.
  if (innerWidth <= 768) for (const each of all("kbd")) found.push(`key: ${each.innerText}`);
  return found;
}
