# SPDX-License-Identifier: MIT
"""The environment that makes the host's loader load a layer of the tests'."""
import json
import os

# Where Debian's layers are described: naming a folder hides the usual ones.
DEBIAN = '/usr/share/vulkan/explicit_layer.d'


def environment(test, library):
    """For a run with the layer of that library; what describes it to the
    loader lies in the test's scratch folder."""
    name = 'VK_LAYER_GANGWAY_' + os.path.basename(library).split('.')[0]
    layer = {
        'name': name,
        'type': 'GLOBAL',
        'library_path': os.path.abspath(library),
        'api_version': '1.3.239',
        'implementation_version': '1',
        'description': "one of Gangway's tests",
        'functions': {'vkGetInstanceProcAddr': 'gangway_layer_instance',
                      'vkGetDeviceProcAddr': 'gangway_layer_device'},
    }
    with open(os.path.join(test.scratch, 'layer.json'), 'w') as stream:
        json.dump({'file_format_version': '1.1.2', 'layer': layer}, stream)
    return {'VK_INSTANCE_LAYERS': name,
            'VK_LAYER_PATH': test.scratch + ':' + DEBIAN}
