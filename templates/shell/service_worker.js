{% autoescape off %}// Keeps one page for when the server cannot be reached, and passes everything else on untouched.
const CACHE = "parley-shell-{{ version }}"
const KEPT = {{ kept }}

self.addEventListener("install", (event) => {
  self.skipWaiting()
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(KEPT)))
})

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)))))
})

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url)
  if (event.request.mode === "navigate") event.respondWith(fetch(event.request).catch(() => caches.match(KEPT[0])))
  else if (origin === location.origin && KEPT.includes(pathname)) event.respondWith(caches.match(pathname).then((kept) => kept ?? fetch(event.request)))
})
{% endautoescape %}
