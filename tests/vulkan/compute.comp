// SPDX-License-Identifier: MIT
#version 450
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) buffer Out { uint result[]; };
layout(set = 0, binding = 1) readonly buffer In { uint values[]; } inputs[4];
layout(push_constant) uniform Constants { uint factor, summand; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    uint sum = summand;

    sum += inputs[0].values[i] * factor;
    sum += inputs[1].values[i] ^ inputs[2].values[i];
    sum += inputs[3].values[i];
    result[i] = sum;
}
