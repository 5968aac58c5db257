// What was used, as charts need it: days without a gap, the largest series and the rest, a scale with round numbers.
// Pure; rows are those of /api/usage/.

const LARGEST = 5 // series with a colour of their own

// `count` days up to `until`, both as YYYY-MM-DD.
export function daysUpTo(until, count) {
  const end = Date.parse(`${until}T00:00:00Z`)
  return Array.from({ length: count }, (_, at) => new Date(end - (count - 1 - at) * 86_400_000).toISOString().slice(0, 10))
}

// [{ name, values }] with a value per day, the largest series first. What adds up is gathered in a last series
// without a name; of averages only the largest are shown. A day without a value is null.
export function seriesOf(rows, side, days, { value, adds }) {
  const found = new Map()
  for (const row of rows) {
    const name = nameOf(row[side])
    const values = found.get(name) ?? days.map(() => null)
    found.set(name, values)
    if (days.includes(row.day)) values[days.indexOf(row.day)] = value(row)
  }
  const ranked = [...found].map(([name, values]) => ({ name, values })).filter(weight)
  ranked.sort((one, other) => weight(other) - weight(one))
  const rest = ranked.slice(LARGEST)
  return [...ranked.slice(0, LARGEST), ...(adds && rest.length ? [{ name: "", values: days.map((_, at) => sum(rest.map(({ values }) => values[at]))) }] : [])]
}

// The top of an axis and its steps: 0 to `top` in four round steps or fewer.
export function scaleTo(most) {
  if (!(most > 0)) return { top: 1, steps: [] }
  const power = 10 ** Math.floor(Math.log10(most / 4))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size * 4 >= most)
  const count = Math.ceil(most / step)
  return { top: step * count, steps: Array.from({ length: count }, (_, at) => step * (at + 1)) }
}

export function nameOf(side) {
  return side?.name ?? side ?? ""
}

function weight({ values }) {
  return sum(values)
}

export function sum(values) {
  return values.reduce((total, value) => total + (value ?? 0), 0)
}
