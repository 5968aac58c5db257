// The focus stays in its row when what had it is moved, or gives its place to another.

// `selector` is of the rows in `root` that `change` lays anew. Whoever was in one that is gone goes on in the row that has
// its place now: at the same button where it has it.
export function keepingFocus(root, selector, change) {
  const had = document.activeElement
  if (!root.contains(had)) return change()
  const shown = () => [...root.querySelectorAll(selector)].filter((row) => row.checkVisibility())
  const at = shown().findIndex((row) => row.contains(had))
  change()
  if (at < 0 || document.activeElement === had) return
  if (had.isConnected && had.checkVisibility({ visibilityProperty: true })) return had.focus({ preventScroll: true })
  const rows = shown()
  const row = rows[Math.min(at, rows.length - 1)]
  if (row) placeIn(row, had).focus({ preventScroll: true })
}

function placeIn(row, had) {
  const name = had.getAttributeNames().find((one) => one.startsWith("data-"))
  const same = name && row.querySelector(`[${name}]`)
  if (same?.checkVisibility({ visibilityProperty: true }) && !same.disabled) return same
  return row.matches("[tabindex]") ? row : row.querySelector("a, button")
}
