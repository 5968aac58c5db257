// The prompts that a person saved, as commands of the message field.

export class Prompts {
  #all = []
  #api

  constructor(api) {
    this.#api = api
  }

  async load() {
    this.#all = (await this.#api.prompts()).results
  }

  // { name, about, text(words) }: what is typed behind the command goes below its text.
  get commands() {
    return this.#all.map(({ command, title, text }) => ({
      name: command,
      about: title || text.trim().split("\n")[0],
      text: (words = "") => [text, words].filter(Boolean).join("\n\n"),
    }))
  }
}
