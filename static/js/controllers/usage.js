// The page of usage: what was asked for in the form at its top, as charts by day and as a table.

import { chartOf } from "#controllers/chart.js"
import { Controller, setText } from "#controllers/controller.js"
import { cost } from "#helpers/provenance.js"
import { language, t } from "#helpers/t.js"
import { daysUpTo, nameOf, seriesOf } from "#models/usage.js"

const OTHERS = 5 // the colour of what has none of its own

export class UsageController extends Controller {
  #asked = 0

  connect() {
    this.listen(this.element, "change", this.#load)
    this.#load()
  }

  // --- internal

  // Of several choices in a row the last one counts.
  async #load() {
    const asked = ++this.#asked
    const [count, side] = [Number(this.part("usage-days").value), this.part("usage-side").value]
    const tz = Intl.DateTimeFormat().resolvedOptions().timeZone
    const days = daysUpTo(new Date().toLocaleDateString("sv-SE"), count)
    const query = { since: days[0], until: days.at(-1), tz }
    try {
      const [byDay, bySide] = await Promise.all([this.app.api.usage({ ...query, by: `day,${side}` }), this.app.api.usage({ ...query, by: side })])
      if (asked === this.#asked) this.#show(days, side, byDay.results, bySide)
    } catch {
      if (asked === this.#asked) setText(this.part("usage-news"), t("That did not work. Try again."))
    }
  }

  #show(days, side, byDay, { results, total }) {
    setText(this.part("usage-news"), total.runs ? "" : t("Nothing was used in these days."))
    const named = seriesOf(byDay, side, days, measures.tokens).map(({ name }) => name) // the same colours in all charts
    for (const [name, measure] of Object.entries(measures)) {
      const series = seriesOf(byDay, side, days, measure).map((one) => ({ ...one, place: placeOf(one, named) }))
      this.#draw(name, measure, days, series, total)
    }
    this.part("usage-rows").replaceChildren(...results.map((row) => tableRow(nameOf(row[side]) || "–", row)), tableRow(t("Total"), total, "total"))
  }

  #draw(name, measure, days, series, total) {
    setText(this.part(`usage-${name}-total`), measure.value(total) === null ? "–" : measure.format(measure.value(total)))
    const frame = this.part(`usage-${name}`)
    frame.replaceChildren(chartOf(days, series, measure), legend(series))
    frame.scrollLeft = frame.scrollWidth // to the latest day
    frame.scrollLeft = frame.scrollWidth // the last days first, where not all fit
  }
}

const compact = (value) => value.toLocaleString(language(), { notation: "compact", maximumFractionDigits: 1 })
const money = (value) => cost(value) || "$0"
const seconds = (value) => t("{seconds} s", { seconds: (value / 1000).toLocaleString(language(), { maximumFractionDigits: 2 }) })

const measures = {
  tokens: { value: (row) => row.input_tokens + row.output_tokens, format: compact, adds: true },
  cost: { value: (row) => Number(row.cost), format: money, adds: true },
  first: { value: (row) => row.average_first_token_ms, format: seconds, adds: false },
}

function placeOf({ name }, named) {
  const place = name ? named.indexOf(name) : -1
  return place < 0 ? OTHERS : place
}

function legend(series) {
  const list = Object.assign(document.createElement("ul"), { className: "legend" })
  list.append(...series.map(({ name, place }) => Object.assign(document.createElement("li"), { className: `series-${place}`, textContent: name || t("others") })))
  return list
}

function tableRow(name, row, className = "") {
  const whole = (count) => count.toLocaleString(language())
  const price = row.unpriced ? t("{cost} + {count} without a price", { cost: money(row.cost), count: row.unpriced }) : money(row.cost)
  const first = row.average_first_token_ms === null ? "–" : seconds(row.average_first_token_ms)
  const made = Object.assign(document.createElement("tr"), { className })
  const head = Object.assign(document.createElement("th"), { scope: "row", textContent: name })
  const facts = [whole(row.runs), whole(row.input_tokens), whole(row.output_tokens), price, first]
  made.append(head, ...facts.map((textContent) => Object.assign(document.createElement("td"), { textContent })))
  return made
}
