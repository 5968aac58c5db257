// Choosing a preset fills in what it knows; what an operator typed by hand is left alone.

const FIELDS = ["kind", "label", "base_url", "id"]

for (const select of document.querySelectorAll("select[data-presets]")) {
  const presets = JSON.parse(select.dataset.presets)
  const filled = {}

  select.addEventListener("change", () => {
    const preset = presets[select.value]
    if (!preset) return
    const values = { ...preset, id: select.value }
    for (const name of FIELDS) {
      const field = select.form.elements.namedItem(name)
      const untouched = field && (field.value === "" || field.value === filled[name] || name === "kind")
      if (untouched) field.value = filled[name] = values[name]
    }
  })
}
