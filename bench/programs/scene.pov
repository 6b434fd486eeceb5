// SPDX-License-Identifier: MIT
// Many kinds of shapes and textures for a picture of a few thousand pixels.
#version 3.7;
global_settings { assumed_gamma 1 }
#declare noise = function { internal(76) }
camera { location <0, 3, -7> look_at <0, 1, 0> }
light_source { <6, 9, -6> rgb 1 area_light <2, 0, 0>, <0, 2, 0>, 4, 4 }
sky_sphere { pigment { bozo color_map { [0 rgb <.2, .4, .8>] [1 rgb 1] } scale .2 } }
plane { y, 0 pigment { checker rgb .2 rgb .9 } normal { ripples .2 } finish { reflection .2 } }
isosurface {
    function { pow(sqrt(x*x + z*z) - 1.2, 2) + y*y - .2 + noise(x*3, y*3, z*3) * .1 }
    contained_by { sphere { 0, 2 } } max_gradient 4
    translate y * 1.3 pigment { marble turbulence 1 color_map { [0 rgb <.7, .2, .1>] [1 rgb 1] } scale .4 }
    finish { phong .8 }
}
#declare I = 0;
#while (I < 40)
    sphere { <3 * sin(I * 2.4), .3, 3 * cos(I * 2.4)>, .1 + I * .005
        pigment { rgbt <.9, .95, 1, .8> } finish { reflection .15 phong 1 } interior { ior 1.4 } }
    #declare I = I + 1;
#end
