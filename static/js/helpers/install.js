// Hands the page to its service worker, where the browser has such and the connection is a safe one.

export function install() {
  navigator.serviceWorker?.register("/service-worker.js", { updateViaCache: "none" }).catch(() => {})
}
