-- All that are not as new. KEYS: breakers. Gives field, failures, ms open (0 closed, -1 due for a probe), field, …
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local stored = redis.call("HGETALL", KEYS[1])
local all = {}
for i = 1, #stored, 2 do
  local failures, opened = string.match(stored[i + 1], "^(%d+) (%d+) ")
  local left = 0
  if tonumber(opened) > 0 then
    left = math.max(tonumber(opened) - now, -1)
  end
  all[#all + 1] = stored[i]
  all[#all + 1] = tonumber(failures)
  all[#all + 1] = left
end
return all
