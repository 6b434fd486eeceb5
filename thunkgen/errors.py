# SPDX-License-Identifier: MIT
"""The one exception of thunkgen: a sentence for whoever wrote the input."""


class ThunkgenError(Exception):
    """Says where, what is wrong and what would have worked."""
