-- KEYS: breakers. ARGV: field, "closed" after an answer, or "undecided" where a probe came to nothing
local value = redis.call("HGET", KEYS[1], ARGV[1])
if not value then
  return 0
end
if ARGV[2] == "closed" then
  return redis.call("HDEL", KEYS[1], ARGV[1])
end
local failures, opened, _, last = string.match(value, "^(%d+) (%d+) (%d+) (%d+)$")
redis.call("HSET", KEYS[1], ARGV[1], string.format("%s %s 0 %s", failures, opened, last))
return 1
