# SPDX-License-Identifier: MIT
"""Generates guest and host thunk libraries from API descriptions.

Front ends (registry, cheader) read a description into the model; the policy
says how each function is to be treated; back ends (abi, gtl, htl, exports)
write C and tables.  docs/adding-a-library.md tells how to add a library.
"""
