# SPDX-License-Identifier: MIT
gameid = devtest
backend = sqlite3
