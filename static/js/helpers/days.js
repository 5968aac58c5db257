// Sessions by day, as people speak of them: today, yesterday, the week, the month, then by name of the month.

import { language, t } from "#helpers/t.js"

const DAY = 86_400_000 // ms

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
  return date.toLocaleDateString(language(), { month: "long", year: "numeric" })
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}
