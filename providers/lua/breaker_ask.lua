-- May a provider's model be asked? KEYS: breakers. ARGV: field, ms that a probe may take
-- Gives 0: it is closed; -1: this is the one probe; otherwise the ms until there may be one.
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local value = redis.call("HGET", KEYS[1], ARGV[1])
if not value then
  return 0
end
local failures, opened, probe, last = string.match(value, "^(%d+) (%d+) (%d+) (%d+)$")
opened, probe = tonumber(opened), tonumber(probe)
if opened == 0 then
  return 0
end
if math.max(opened, probe) > now then
  return math.max(opened, probe) - now
end
redis.call("HSET", KEYS[1], ARGV[1], string.format("%s %d %d %s", failures, opened, now + tonumber(ARGV[2]), last))
return -1
