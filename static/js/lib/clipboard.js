// Copies text exactly. Pages on plain HTTP have no clipboard of their own; there the old command still works.

export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const field = document.createElement("textarea")
  field.className = "visually-hidden"
  field.value = text
  document.body.append(field)
  field.select()
  document.execCommand("copy")
  field.remove()
}
