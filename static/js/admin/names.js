// Names for those fields of Django's forms that a screen reader could not name: fields in a table are named by
// their column, the halves of a time by their row, choices that search by their label, the search by its button.

const FIELDS = ":is(input:not([type=hidden]), select, textarea)"

function name(field, words) {
  const said = words?.trim().replace(/[:：]$/, "")
  if (said && !field.ariaLabel) field.ariaLabel = said
}

function nameFields() {
  for (const field of document.querySelectorAll(`:is(.tabular, .results) td ${FIELDS}`)) {
    const cell = field.closest("td")
    if (!field.labels?.length) name(field, cell.closest("table").tHead?.rows[0].cells[cell.cellIndex]?.textContent)
  }
  for (const field of document.querySelectorAll(".vDateField, .vTimeField")) {
    name(field, field.closest(".form-row")?.querySelector("legend, label")?.textContent)
  }
  for (const field of document.querySelectorAll("[id^=select2-][id$=-container]")) {
    const chosen = field.id.slice("select2-".length, -"-container".length)
    name(field, document.querySelector(`label[for="${chosen}"]`)?.textContent)
  }
  const search = document.getElementById("searchbar")
  if (search) name(search, search.form.querySelector("[type=submit]")?.value)
}

nameFields()
new MutationObserver(nameFields).observe(document.body, { childList: true, subtree: true }) // rows and choices come later
