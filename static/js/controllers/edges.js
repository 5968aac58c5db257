// Says when the reader comes near an end of what is on the page, beyond which there is more.

const NEAR = 1200 // px before the edge itself is seen

export class Edges {
  #observer

  // `onNear(mark)` is called with the element that marks the edge.
  constructor(scroller, onNear, near = NEAR) {
    const note = (entries) => entries.filter(({ isIntersecting }) => isIntersecting).forEach(({ target }) => onNear(target))
    this.#observer = new IntersectionObserver(note, { root: scroller, rootMargin: `${near}px 0px` })
  }

  // Observed anew each time: an observer speaks only when something changes, and more may be needed at once.
  watch(mark, more) {
    mark.hidden = !more
    this.#observer.unobserve(mark)
    if (more) this.#observer.observe(mark)
  }

  disconnect() {
    this.#observer.disconnect()
  }
}
