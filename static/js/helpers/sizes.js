// Bytes in words, and what kind of file a person would say it is.

const UNITS = ["B", "KB", "MB", "GB"]

export function sizeOf(bytes) {
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1)
  const value = bytes / 1024 ** power
  return `${value < 10 && power ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)} ${UNITS[power]}`
}

// The ending in capitals: "report.final.pdf" → "PDF".
export function kindOf(name) {
  return /\.([a-z0-9]{1,8})$/i.exec(name)?.[1].toUpperCase() ?? ""
}
