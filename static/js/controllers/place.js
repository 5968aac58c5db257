// Where elements stand, and that what the reader looks at stays where it is while something above it comes or goes.

export function keepingPlace(list, change) {
  const scroller = list.closest(".scroll")
  const edge = scroller.getBoundingClientRect().top
  const seen = [...list.children].find((element) => element.getBoundingClientRect().bottom > edge)
  const before = seen?.getBoundingClientRect().top
  change()
  if (seen?.isConnected) scroller.scrollTop += seen.getBoundingClientRect().top - before
}

// Makes these the children of `parent`. One that stands where it should is not touched.
export function inOrder(parent, elements) {
  elements.forEach((element, index) => {
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null)
  })
  while (parent.children.length > elements.length) parent.lastElementChild.remove()
}
