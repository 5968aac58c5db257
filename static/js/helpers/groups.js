// The sidebar's groups: what is pinned, the reader's folders by name, and the others by day.

import { byDay } from "#helpers/days.js"
import { t } from "#helpers/t.js"

export function groupsOf(sessions, me, now = new Date()) {
  const isFiled = ({ folder, owner }) => Boolean(folder) && owner.id === me
  const pinned = sessions.filter((session) => session.pinned)
  const others = sessions.filter((session) => !session.pinned)
  const groups = [...inFolders(others.filter(isFiled)), ...byDay(others.filter((session) => !isFiled(session)), now)]
  return pinned.length ? [{ label: t("Pinned"), sessions: pinned }, ...groups] : groups
}

function inFolders(sessions) {
  const names = [...new Set(sessions.map(({ folder }) => folder))].sort((a, b) => a.localeCompare(b))
  return names.map((name) => ({ label: name, folder: name, sessions: sessions.filter(({ folder }) => folder === name) }))
}
