// What a text that begins with a slash asks for. A path or a sentence with a slash in it asks for nothing. Pure.

const COMMAND = /^\/([\p{L}\p{N}_-]*)(?:[ \n]([^]*))?$/u

// { name, rest }, `rest` being null as long as the name is still written; null where the text is no command.
export function slashOf(text) {
  const found = COMMAND.exec(text)
  return found && { name: found[1].toLowerCase(), rest: found[2] ?? null }
}

// Of commands { name, options(words)?, … } those that fit, or what the one that was named offers.
export function offered(commands, text) {
  const asked = slashOf(text)
  if (!asked) return []
  if (asked.rest === null) return commands.filter(({ name }) => name.startsWith(asked.name))
  const command = commands.find(({ name }) => name === asked.name)
  return command?.options?.(asked.rest.trim()) ?? []
}
