# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the scripts of this folder share."""
