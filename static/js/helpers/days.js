// Sessions by day, as people speak of them: today, yesterday, the week, the month, then by name of the month.

import { language, t } from "#helpers/t.js"

const DAY = 86_400_000 // ms
const months = new Map() // language → what writes a month: made once, it costs more than all its use

export function byDay(sessions, now = new Date()) {
  const groups = new Map()
  for (const session of sessions) {
    const label = dayLabel(new Date(session.updated_at), now)
    if (!groups.has(label)) groups.set(label, [])
    groups.get(label).push(session)
  }
  return [...groups].map(([label, members]) => ({ label, sessions: members }))
}

export function dayLabel(date, now) {
  const days = Math.round((midnight(now) - midnight(date)) / DAY)
  if (days <= 0) return t("Today")
  if (days === 1) return t("Yesterday")
  if (days <= 7) return t("Previous 7 days")
  if (days <= 30) return t("Previous 30 days")
  return monthOf(language()).format(date)
}

function monthOf(name) {
  if (!months.has(name)) months.set(name, new Intl.DateTimeFormat(name, { month: "long", year: "numeric" }))
  return months.get(name)
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}
