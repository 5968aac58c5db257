// Copies text exactly, and beside it how it looks, for programs that take that. Pages on plain HTTP have no clipboard of
// their own; there the old command still works.

const NOT_COPIED = "button, figcaption"

// `element` holds the text as it is drawn, in `.prose`.
export async function copyText(text, element = null) {
  if (element && navigator.clipboard?.write) return navigator.clipboard.write([bothWays(text, looksOf(element))])
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const field = document.createElement("textarea")
  field.className = "visually-hidden"
  field.value = text
  document.body.append(field)
  field.select()
  document.execCommand("copy")
  field.remove()
}

function bothWays(text, html) {
  const blobs = Object.entries({ "text/plain": text, "text/html": html }).map(([type, content]) => [type, new Blob([content], { type })])
  return new ClipboardItem(Object.fromEntries(blobs))
}

// Without styles of elements: the browser reads what it is given, and the policy forbids those.
function looksOf(element) {
  const copies = [...element.querySelectorAll(":scope > .prose")].map((one) => one.cloneNode(true))
  copies.forEach((copy) => copy.querySelectorAll(NOT_COPIED).forEach((one) => one.remove()))
  copies.forEach((copy) => copy.querySelectorAll("[style]").forEach((one) => one.removeAttribute("style")))
  return copies.map((copy) => new XMLSerializer().serializeToString(copy)).join("")
}
