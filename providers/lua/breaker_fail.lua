-- One more failure of a provider's model. KEYS: breakers. ARGV: field, failures that open it, ms open, ms memory
-- Gives {failures in a row, ms that it stays open (0 when closed)}. A value is "failures opens_until probe_until last".
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local failures, opened, last = 0, 0, 0
local value = redis.call("HGET", KEYS[1], ARGV[1])
if value then
  local a, b, _, d = string.match(value, "^(%d+) (%d+) (%d+) (%d+)$")
  failures, opened, last = tonumber(a), tonumber(b), tonumber(d)
end
if opened == 0 and now - last > tonumber(ARGV[4]) then
  failures = 0
end
failures = failures + 1
if opened > 0 or failures >= tonumber(ARGV[2]) then
  opened = now + tonumber(ARGV[3])
end
redis.call("HSET", KEYS[1], ARGV[1], string.format("%d %d %d %d", failures, opened, 0, now))
return { failures, opened > 0 and opened - now or 0 }
