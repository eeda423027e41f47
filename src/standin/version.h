/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which librknnrt this is, in the forms of RKNN_QUERY_SDK_VERSION. */

#pragma once

extern const char ry_version_api[];
extern const char ry_version_driver[];
