-- Tell the others how this process sees its providers, and hear them. KEYS: pictures. ARGV: process, picture, ms kept
-- Gives the pictures of all processes that told theirs lately: name, picture, name, …
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if ARGV[2] ~= "" then
  redis.call("HSET", KEYS[1], ARGV[1], string.format("%d ", now) .. ARGV[2])
end
local stored = redis.call("HGETALL", KEYS[1])
local told = {}
for i = 1, #stored, 2 do
  local at, picture = string.match(stored[i + 1], "^(%d+) (.*)$")
  if now - tonumber(at) > tonumber(ARGV[3]) then
    redis.call("HDEL", KEYS[1], stored[i])
  else
    told[#told + 1] = stored[i]
    told[#told + 1] = picture
  end
end
return told
