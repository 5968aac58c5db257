// A chart of days as SVG: bars on top of each other for what adds up, lines for averages. The table beside it says the
// same in words, so that the drawing is hidden from those who listen.

import { language } from "#helpers/t.js"
import { scaleTo, sum } from "#models/usage.js"

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [720, 220, 64, 24, 10] // units of the drawing

export function chartOf(days, series, { adds, format }) {
  const highest = Math.max(...days.map((_, at) => (adds ? sum : most)(series.map(({ values }) => values[at]))))
  const { top, steps } = scaleTo(highest)
  const y = (value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP)
  const x = (at) => LEFT + ((at + 0.5) * (WIDTH - LEFT)) / days.length
  const marks = adds ? bars(days, series, { x, y, format }) : series.flatMap((one) => line(one, days, { x, y, format }))
  const drawn = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart", "aria-hidden": "true" })
  drawn.append(...[0, ...steps].flatMap((value) => gridLine(y(value), format(value))), ...marks, ...dayLabels(days, x))
  return drawn
}

function bars(days, series, { x, y, format }) {
  const width = Math.min(28, ((WIDTH - LEFT) / days.length) * 0.7)
  return days.flatMap((day, at) => {
    let below = 0
    return series.map(({ name, values, place }) => {
      const [from, to] = [below, below + (values[at] ?? 0)]
      below = to
      return titled(svg("rect", { x: x(at) - width / 2, width, y: y(to), height: y(from) - y(to), class: `series-${place}` }), day, name, format(to - from))
    })
  })
}

// Days without an answer interrupt the line.
function line({ name, values, place }, days, { x, y, format }) {
  const points = values.map((value, at) => (value === null ? null : `${x(at)} ${y(value)}`))
  const path = points.map((point, at) => point && `${points[at - 1] ? "L" : "M"}${point}`).filter(Boolean).join("")
  const dots = values.map((value, at) => value !== null && titled(svg("circle", { cx: x(at), cy: y(value), r: 3.5, class: `series-${place}` }), days[at], name, format(value)))
  return [svg("path", { d: path, class: `series-${place}` }), ...dots.filter(Boolean)]
}

function gridLine(y, label) {
  const text = svg("text", { x: LEFT - 8, y: y + 4, "text-anchor": "end" })
  text.textContent = label
  return [svg("line", { x1: LEFT, x2: WIDTH, y1: y, y2: y }), text]
}

function dayLabels(days, x) {
  const every = Math.ceil(days.length / 7)
  return days.flatMap((day, at) => {
    if ((days.length - 1 - at) % every) return []
    const text = svg("text", { x: x(at), y: HEIGHT - 6, "text-anchor": at === days.length - 1 ? "end" : "middle" })
    text.textContent = new Date(`${day}T12:00:00`).toLocaleDateString(language(), { month: "short", day: "numeric" })
    return [text]
  })
}

function titled(shape, ...facts) {
  const title = svg("title", {})
  title.textContent = facts.filter(Boolean).join(" · ")
  shape.append(title)
  return shape
}

function svg(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}

function most(values) {
  return Math.max(0, ...values.map((value) => value ?? 0))
}
