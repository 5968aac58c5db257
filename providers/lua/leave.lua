-- Give a place back, or stop waiting; a second time does nothing. The twin of `Room.leave` in limits.py.
-- KEYS: as in enter.lua. ARGV: token, the second that it counted for, tokens spent beyond what was announced
local places, queue, waiters, rates = unpack(KEYS)
local held = redis.call("ZREM", places, ARGV[1])
redis.call("ZREM", queue, ARGV[1])
redis.call("ZREM", waiters, ARGV[1])
local field = ARGV[2] .. "tokens"
if held == 1 and redis.call("HEXISTS", rates, field) == 1 then
  redis.call("HINCRBY", rates, field, tonumber(ARGV[3]))
end
return 1
