/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decodes again and again and does nothing else, for programs that count what
 * it takes (count-instructions.sh).
 *
 *   count-decode                       a line a case: its name
 *   count-decode CASE LAYOUT RUNS      CASE from 0, LAYOUT NCHW or NC1HWC2
 *
 * Prints how many boxes there were; exits with 77 if the test data have no
 * such tensors. */

#include <stdlib.h>
#include <string.h>

#include "decodecases.h"

static guint
decode (const HeadData * data, const RyDecodeParams * params, guint runs)
{
  RyHeadHints hints = { 640, 640 };
  RyDecodeScratch *scratch = ry_decode_scratch_new ();
  RyDecoder *decoder = ry_decoder_new (data->tensors, data->n, &hints, NULL);
  guint boxes = 0, i;

  for (i = 0; i < runs; i++)
    ry_decoder_run (decoder, scratch, data->tensors, params, &boxes);
  ry_decoder_free (decoder);
  ry_decode_scratch_free (scratch);
  return boxes;
}

static gboolean
count (const DecodeCase * one, const gchar * layout, guint runs)
{
  HeadData *data = head_data_load (one->folder);
  HeadData *packed;

  if (data == NULL)
    return FALSE;
  packed = head_data_repack (data, strcmp (layout, "NCHW") == 0 ? 1 : 16, 0, 0,
      0);
  g_print ("%u boxes\n", decode (packed, one->params, runs));
  head_data_free (packed);
  head_data_free (data);
  return TRUE;
}

int
main (int argc, char **argv)
{
  guint number = argc == 4 ? (guint) atoi (argv[1]) : 0, i;

  for (i = 0; argc != 4 && i < n_decode_cases; i++)
    g_print ("%s\n", decode_cases[i].what);
  if (argc != 4)
    return argc == 1 ? 0 : 2;
  if (number >= n_decode_cases)
    return 2;
  return count (&decode_cases[number], argv[2],
      (guint) atoi (argv[3])) ? 0 : 77;
}
