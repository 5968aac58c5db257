// What an answer rests on, each page and file once, with every place in it that was cited.

export function gathered(parts) {
  const known = new Map()
  for (const { url = "", file_id = "", title = "", place = "", quote = "" } of parts) {
    const key = url || file_id || title
    const source = known.get(key) ?? { url, file_id, title, places: [], quotes: [] }
    known.set(key, source)
    source.title ||= title
    if (place && !source.places.includes(place)) source.places.push(place)
    if (quote && !source.quotes.includes(quote)) source.quotes.push(quote)
  }
  return [...known.values()]
}
