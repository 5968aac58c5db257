// A text field as tall as its text, where the browser does not do it by itself (`field-sizing` in the sheet).

const BY_ITSELF = CSS.supports("field-sizing", "content")

export function autosize(field) {
  if (BY_ITSELF) return
  field.style.height = "auto"
  field.style.height = `${field.scrollHeight}px`
}
