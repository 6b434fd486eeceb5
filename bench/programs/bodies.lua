-- SPDX-License-Identifier: MIT
-- Five bodies, then strings and a table of them; the argument is how many steps.
local bodies = {}
for i = 1, 5 do bodies[i] = {x = i, y = i * i % 3, z = -i, vx = 0, vy = 0, vz = 0, m = 1 / i} end
local function step(dt)
  for i = 1, #bodies do
    local a = bodies[i]
    for j = i + 1, #bodies do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      local d = dx * dx + dy * dy + dz * dz + 0.1
      local f = dt / (d * math.sqrt(d))
      a.vx, a.vy, a.vz = a.vx - dx * b.m * f, a.vy - dy * b.m * f, a.vz - dz * b.m * f
      b.vx, b.vy, b.vz = b.vx + dx * a.m * f, b.vy + dy * a.m * f, b.vz + dz * a.m * f
    end
  end
  for _, b in ipairs(bodies) do b.x, b.y, b.z = b.x + dt * b.vx, b.y + dt * b.vy, b.z + dt * b.vz end
end
local n = tonumber(arg[1])
for _ = 1, n do step(0.001) end
local words = {}
for i = 1, n / 4 do
  local w = ("%x"):format((i * 7919) % 4093)
  words[w] = (words[w] or 0) + 1
end
local keys = {}
for w in pairs(words) do keys[#keys + 1] = w end
table.sort(keys)
print(#keys, table.concat(keys, "", 1, 20))
for _, b in ipairs(bodies) do print(("%.17g %.17g %.17g"):format(b.x, b.y, b.z)) end
