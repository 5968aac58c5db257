-- A place at a provider, or the number of those who stand before. The twin of `Room.enter` in limits.py.
-- KEYS: places (token → expiry), queue (token → ticket), waiters (token → expiry), rates (second and kind → count), tickets
-- ARGV: token, most at once, requests a minute, tokens a minute, tokens announced, lease ms, waiter ms, window s
-- Gives {ahead, or -1 with a place; the second that it counts for}.
local places, queue, waiters, rates, tickets = unpack(KEYS)
local token = ARGV[1]
local most, most_requests, most_tokens, announced = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local lease, patience, window = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local time = redis.call("TIME")
local second = tonumber(time[1])
local now = second * 1000 + math.floor(tonumber(time[2]) / 1000)

redis.call("ZREMRANGEBYSCORE", places, "-inf", now)
for _, gone in ipairs(redis.call("ZRANGEBYSCORE", waiters, "-inf", now)) do
  redis.call("ZREM", queue, gone)
  redis.call("ZREM", waiters, gone)
end

local counts = { requests = 0, tokens = 0 }
local stored = redis.call("HGETALL", rates)
for i = 1, #stored, 2 do
  local at, kind = string.match(stored[i], "^(%d+)(%a+)$")
  if tonumber(at) <= second - window then
    redis.call("HDEL", rates, stored[i])
  else
    counts[kind] = counts[kind] + tonumber(stored[i + 1])
  end
end

if not redis.call("ZSCORE", queue, token) then
  redis.call("ZADD", queue, redis.call("INCR", tickets), token)
end
local ahead = redis.call("ZRANK", queue, token)
local free = most == 0 or redis.call("ZCARD", places) + ahead < most
local slow = most_requests == 0 or counts.requests + ahead < most_requests
-- One request that is larger than the limit goes alone: it would never go otherwise.
local small = most_tokens == 0 or (ahead == 0 and (counts.tokens == 0 or counts.tokens + announced <= most_tokens))

if free and slow and small then
  redis.call("ZREM", queue, token)
  redis.call("ZREM", waiters, token)
  redis.call("ZADD", places, now + lease, token)
  redis.call("HINCRBY", rates, second .. "requests", 1)
  redis.call("HINCRBY", rates, second .. "tokens", announced)
  ahead = -1
else
  redis.call("ZADD", waiters, now + patience, token)
end
for _, key in ipairs(KEYS) do
  redis.call("EXPIRE", key, 2 * window)
end
return { ahead, second }
