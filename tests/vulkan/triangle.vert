// SPDX-License-Identifier: MIT
#version 450
layout(location = 0) in vec2 position;
layout(location = 1) in vec3 colour;
layout(location = 0) out vec3 shade;
layout(push_constant) uniform Constants { vec2 offset; float scale; };

void main()
{
    gl_Position = vec4(position * scale + offset, 0, 1);
    shade = colour;
}
