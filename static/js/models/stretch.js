// Which messages of a path are on the page: the last ones first, more of them where the reader comes near an edge,
// never more than MOST, and around the same ones when the path changes.

const PAGE = 12 // messages that are drawn at once
const WEIGHT = 24_000 // or so many characters of them
const MOST = 160

export class Stretch {
  #path = []
  #first = 0
  #end = 0

  get shown() {
    return this.#path.slice(this.#first, this.#end)
  }

  get hasOlder() {
    return this.#first > 0
  }

  get hasNewer() {
    return this.#end < this.#path.length
  }

  // The path as it is now: older messages came, newer ones, or another branch is shown.
  update(path) {
    if (!this.#path.length) return this.#set(path, path.length, path.length).older()
    const first = this.#placeIn(path)
    const end = this.#goesOn(path, first) ? path.length : first + Math.max(this.#end - this.#first, PAGE)
    if (first >= path.length) this.#set(path, path.length, path.length).older()
    else this.#set(path, first, end).#keepLast()
  }

  older() {
    this.#first = this.#before(this.#first)
    this.#end = Math.min(this.#end, this.#first + MOST)
  }

  newer() {
    this.#end = this.#after(this.#end)
    this.#keepLast()
  }

  toEnd() {
    if (this.hasNewer) this.#set(this.#path, this.#path.length, this.#path.length).older()
  }

  // So that this message is among them, and some on both sides.
  around(id) {
    const place = this.#path.findIndex((message) => message.id === id)
    if (place < 0) return
    this.#set(this.#path, this.#before(place), this.#after(this.#after(place)))
  }

  clear() {
    this.#set([], 0, 0)
  }

  // --- internal

  #set(path, first, end) {
    this.#path = path
    this.#first = first
    this.#end = Math.min(end, path.length)
    return this
  }

  #keepLast() {
    this.#first = Math.max(this.#first, this.#end - MOST)
  }

  // Where the first of them stands now; where it is in another branch, its depth tells.
  #placeIn(path) {
    const found = path.findIndex(({ id }) => id === this.#path[this.#first].id)
    return found < 0 ? this.#first : found
  }

  // Whether the end was on the page, and the path goes on from there.
  #goesOn(path, first) {
    return !this.hasNewer && path[first - this.#first + this.#path.length - 1]?.id === this.#path.at(-1).id
  }

  #before(place) {
    let at = place
    for (let weight = 0; at > 0 && place - at < PAGE && weight < WEIGHT; at--) weight += weightOf(this.#path[at - 1])
    return at
  }

  #after(place) {
    let at = place
    for (let weight = 0; at < this.#path.length && at - place < PAGE && weight < WEIGHT; at++) weight += weightOf(this.#path[at])
    return at
  }
}

function weightOf({ text }) {
  return text?.length ?? 0
}
