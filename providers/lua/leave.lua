-- Give a place back, or stop waiting. The twin of `Room.leave` in limits.py.
-- KEYS: as in enter.lua. ARGV: token, the second that it counted for, tokens spent beyond what was announced
local places, queue, waiters, rates = unpack(KEYS)
redis.call("ZREM", places, ARGV[1])
redis.call("ZREM", queue, ARGV[1])
redis.call("ZREM", waiters, ARGV[1])
local field = ARGV[2] .. "tokens"
if redis.call("HEXISTS", rates, field) == 1 then
  redis.call("HINCRBY", rates, field, tonumber(ARGV[3]))
end
return 1
