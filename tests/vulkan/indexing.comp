// SPDX-License-Identifier: MIT
// Each invocation reads from another one of the descriptors: those that the
// table names, of which there are as many as the program says at run time.
#version 450
#extension GL_EXT_nonuniform_qualifier : require
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) buffer Out { uint result[]; };
layout(set = 0, binding = 1) readonly buffer Table { uint which[]; };
layout(set = 0, binding = 2) readonly buffer In { uint values[]; } inputs[];

void main()
{
    uint i = gl_GlobalInvocationID.x;

    result[i] = inputs[nonuniformEXT(which[i])].values[i % 256];
}
