// A formula as MathML, which the browser draws by itself. What sets it is fetched with the first one; until then,
// and where it cannot be read, its source stands there.

const MODULE = "temml"
const LONGEST = 5_000 // characters
const LIMITS = { throwOnError: true, trust: false, maxSize: [20, 500], maxExpand: 300 } // em and points; macros

let temml = null

export function formula({ raw, text, display }) {
  const element = document.createElement("span")
  element.className = display ? "formula display" : "formula"
  if (display) element.tabIndex = 0 // it may be wider than the page
  element.textContent = raw.trim()
  if (text.length > LONGEST) return element
  if (temml) set(element, text, display)
  else load().then(() => set(element, text, display), () => {}) // offline: the source stays
  return element
}

async function load() {
  const { default: module } = await import(MODULE)
  temml = module
}

function set(element, text, display) {
  const made = document.createElement("span")
  try {
    temml.render(text, made, { ...LIMITS, displayMode: display })
  } catch {
    return // not TeX, or more than it may ask for
  }
  element.replaceChildren(...made.childNodes)
  element.classList.add("set")
}
