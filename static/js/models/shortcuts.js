// The keys that do something anywhere on the page. `Mod` is Ctrl, or Command on a Mac. Keys without Mod count only
// where nobody writes.

export const SHORTCUTS = [
  { name: "search", keys: ["Mod", "K"] },
  { name: "new", keys: ["Mod", "Shift", "O"] },
  { name: "sidebar", keys: ["Mod", "Shift", "S"] },
  { name: "write", keys: ["/"] },
  { name: "copy", keys: ["Mod", "Shift", "E"] },
  { name: "stop", keys: ["Mod", "."] },
  { name: "help", keys: ["?"] },
]

// The name of the shortcut that a keydown is, or undefined.
export function shortcutOf(event, writing) {
  const mod = event.ctrlKey || event.metaKey
  const matches = ({ keys }) => (keys.length > 1 ? same(event, keys, mod) : !writing && !mod && event.key === keys[0])
  return event.altKey || event.isComposing ? undefined : SHORTCUTS.find(matches)?.name
}

// The keys as they are called on this system.
export function keysOf({ keys }, isMac) {
  return keys.map((key) => (key === "Mod" ? (isMac ? "⌘" : "Ctrl") : key))
}

function same(event, keys, mod) {
  const wanted = (name) => keys.includes(name)
  return event.key.toLowerCase() === keys.at(-1).toLowerCase() && mod === wanted("Mod") && event.shiftKey === wanted("Shift")
}
