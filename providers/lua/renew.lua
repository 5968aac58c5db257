-- Keep places for another lease. What Redis forgot meanwhile is there again: those requests are still going on.
-- KEYS: places. ARGV: lease ms, then tokens
local time = redis.call("TIME")
local expiry = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[1])
for i = 2, #ARGV do
  redis.call("ZADD", KEYS[1], expiry, ARGV[i])
end
redis.call("EXPIRE", KEYS[1], 120)
return 1
