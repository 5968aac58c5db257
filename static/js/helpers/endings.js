// How files of a language end.

const ENDINGS = { python: "py", javascript: "js", typescript: "ts", markdown: "md", bash: "sh", shell: "sh", zsh: "sh", rust: "rs", ruby: "rb", csharp: "cs", "c++": "cpp", kotlin: "kt", yaml: "yml", golang: "go", text: "txt", plaintext: "txt", "": "txt" }

export function endingOf(language = "") {
  return ENDINGS[language] ?? (/^[a-z0-9]{1,8}$/.test(language) ? language : "txt")
}
