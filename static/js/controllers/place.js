// What the reader looks at stays where it is while something above it comes or goes.

export function keepingPlace(list, change) {
  const scroller = list.closest(".scroll")
  const edge = scroller.getBoundingClientRect().top
  const seen = [...list.children].find((element) => element.getBoundingClientRect().bottom > edge)
  const before = seen?.getBoundingClientRect().top
  change()
  if (seen?.isConnected) scroller.scrollTop += seen.getBoundingClientRect().top - before
}
