// Makes the children of `old` those of `fresh` with as few changes as possible: what is equal stays, so that a
// selection, a scroll position or an opened detail in it stays too, and text that grew is only appended to. The first `kept` of `old` stay, and `fresh` lacks them.

export function patch(old, fresh, kept = 0) {
  const wanted = [...fresh.childNodes]
  wanted.forEach((node, index) => place(old, old.childNodes[kept + index], node))
  while (old.childNodes.length > kept + wanted.length) old.lastChild.remove()
}

function place(parent, present, node) {
  if (!present) parent.append(node)
  else if (bothText(present, node)) grow(present, node.data)
  else if (sameKind(present, node)) patch(present, node)
  else if (!present.isEqualNode(node)) present.replaceWith(node)
}

function bothText(a, b) {
  return a.nodeType === Node.TEXT_NODE && b.nodeType === Node.TEXT_NODE
}

function sameKind(a, b) {
  return a.nodeName === b.nodeName && a.nodeType === Node.ELEMENT_NODE && a.cloneNode().isEqualNode(b.cloneNode())
}

function grow(node, text) {
  if (text === node.data) return
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length))
  else node.data = text
}
